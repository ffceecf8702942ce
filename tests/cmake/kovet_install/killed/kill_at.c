/* Preloaded: kills its process before the KILL_AT-th change of a name below KILL_BELOW; hidden names do not count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void count(const char *path)
{
	static int changes;
	const char *at = getenv("KILL_AT");
	const char *below = getenv("KILL_BELOW");

	const char *name = strrchr(path, '/');

	if (name && name[1] == '.')
		return;
	if (at && below && !strncmp(path, below, strlen(below)) && ++changes == atoi(at))
		raise(SIGKILL);
}

int rename(const char *from, const char *to)
{
	int (*next)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");

	count(to);
	return next(from, to);
}

int unlink(const char *path)
{
	int (*next)(const char *) = dlsym(RTLD_NEXT, "unlink");

	count(path);
	return next(path);
}
