#include "host/libkmod_session.h"

#include <fmt/format.h>
#include <libkmod.h>
#include <sys/mman.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace kovet {

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;
constexpr std::size_t max_index_size = std::size_t{256} << 20;
constexpr std::size_t max_messages = 200;

struct ListDeleter {
  void operator()(kmod_list* list) const { kmod_module_unref_list(list); }
};
using List = std::unique_ptr<kmod_list, ListDeleter>;

struct ModuleDeleter {
  void operator()(kmod_module* module) const { kmod_module_unref(module); }
};
using ModulePointer = std::unique_ptr<kmod_module, ModuleDeleter>;

std::string text_of(const char* text) {
  return text ? text : "";
}

std::vector<std::string> names(kmod_list* list) {
  std::vector<std::string> result;
  kmod_list* item = nullptr;
  kmod_list_foreach(item, list) {
    const ModulePointer module(kmod_module_get_module(item));
    result.push_back(text_of(kmod_module_get_name(module.get())));
  }
  return result;
}

void keep_message(void* data, int, const char*, int, const char*, const char* format,
                  va_list arguments) {
  auto& messages = *static_cast<std::vector<std::string>*>(data);
  if (messages.size() >= max_messages) return;
  char line[1024];
  std::vsnprintf(line, sizeof line, format, arguments);
  std::string text = line;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  messages.push_back(std::move(text));
}

/// Where libkmod's callback, which takes no context, writes its steps.
thread_local std::vector<KmodStep>* current_steps = nullptr;
/// The module that was asked for. An object of its own when it was asked for by an alias.
thread_local const kmod_module* current_target = nullptr;

void note_step(kmod_module* module, bool install, const char* options) {
  // This very object's state counts: a dependency that modules.dep names by its file is not taken
  // as built in, although a module of its name that is asked for would be.
  KmodStep step{.asked = module == current_target,
                .builtin = kmod_module_get_initstate(module) == KMOD_MODULE_BUILTIN,
                .name = text_of(kmod_module_get_name(module)),
                .path = text_of(kmod_module_get_path(module)),
                .options = text_of(options)};
  if (install) step.install = text_of(kmod_module_get_install_commands(module));
  current_steps->push_back(std::move(step));
}

int never_run(kmod_module*, const char*, void*) {
  return 0;
}

Entries collect(kmod_config_iter* iterator) {
  Entries entries;
  if (!iterator) return entries;
  while (kmod_config_iter_next(iterator))
    entries.emplace_back(text_of(kmod_config_iter_get_key(iterator)),
                         text_of(kmod_config_iter_get_value(iterator)));
  kmod_config_iter_free_iter(iterator);
  return entries;
}

std::string dump(kmod_ctx* context, kmod_index index) {
  const MemoryFile file("");
  if (file.descriptor() < 0 || kmod_dump_index(context, index, file.descriptor()) < 0) return {};
  return file.content();
}

/// libkmod reads the configuration before a log function can be set: bad lines would go to the
/// standard error. They are reported with file and line anyway.
class QuietStart {
 public:
  QuietStart() {
    if (const char* value = std::getenv(name)) saved_ = value;
    ::setenv(name, "0", 1);
  }
  QuietStart(const QuietStart&) = delete;
  QuietStart& operator=(const QuietStart&) = delete;
  ~QuietStart() {
    if (saved_)
      ::setenv(name, saved_->c_str(), 1);
    else
      ::unsetenv(name);
  }

 private:
  static constexpr const char* name = "KMOD_LOG";
  std::optional<std::string> saved_;
};

}  // namespace

std::shared_ptr<kmod_ctx> LibkmodSession::new_context() const {
  std::vector<const char*> paths;
  for (const auto& path : config_paths_) paths.push_back(path.c_str());
  paths.push_back(nullptr);
  std::shared_ptr<kmod_ctx> context;
  {
    const QuietStart quiet;
    context.reset(kmod_new(modules_dir_.c_str(), paths.data()),
                  [](kmod_ctx* old) { kmod_unref(old); });
  }
  if (!context) return nullptr;
  kmod_set_log_priority(context.get(), LOG_ERR);
  kmod_set_log_fn(context.get(), keep_message, messages_.get());
  // As modprobe does: without all indexes libkmod falls back to opening them one by one.
  kmod_load_resources(context.get());
  return context;
}

Result<LibkmodSession> LibkmodSession::open(const std::string& modules_dir,
                                            const std::vector<std::string>& config_paths,
                                            std::shared_ptr<const MemoryFile> keep) {
  LibkmodSession session;
  session.modules_dir_ = modules_dir;
  session.config_paths_ = config_paths;
  session.keep_ = std::move(keep);
  session.messages_ = std::make_unique<std::vector<std::string>>();
  session.context_ = session.new_context();
  if (!session.context_) return Error{modules_dir, "libkmod cannot read the configuration", {}};
  return session;
}

std::vector<KmodModule> LibkmodSession::lookup(const std::string& name) const {
  std::vector<KmodModule> result;
  kmod_list* found = nullptr;
  kmod_module_new_from_lookup(context_.get(), name.c_str(), &found);
  const List list(found);
  kmod_list* item = nullptr;
  kmod_list_foreach(item, list.get()) {
    const ModulePointer module(kmod_module_get_module(item));
    KmodModule entry{.name = text_of(kmod_module_get_name(module.get()))};
    // Before anything else, as modprobe does: libkmod forgets it for what a dependency names by
    // its file, and dependencies of soft dependencies may name this module so.
    entry.builtin = kmod_module_get_initstate(module.get()) == KMOD_MODULE_BUILTIN;
    const List dependencies(kmod_module_get_dependencies(module.get()));
    entry.dependencies = names(dependencies.get());
    entry.path = text_of(kmod_module_get_path(module.get()));
    kmod_list *pre = nullptr, *post = nullptr;
    kmod_module_get_softdeps(module.get(), &pre, &post);
    const List before(pre), after(post);
    entry.softdep_pre = names(before.get());
    entry.softdep_post = names(after.get());
    result.push_back(std::move(entry));
  }
  return result;
}

Result<std::vector<KmodPlan>> LibkmodSession::plans(const std::string& asked) const {
  const auto context = new_context();
  if (!context) return Error{asked, "libkmod cannot read the configuration", {}};
  std::vector<KmodPlan> plans;
  kmod_list* found = nullptr;
  kmod_module_new_from_lookup(context.get(), asked.c_str(), &found);
  const List list(found);
  kmod_list* item = nullptr;
  kmod_list_foreach(item, list.get()) {
    const ModulePointer module(kmod_module_get_module(item));
    KmodPlan& plan = plans.emplace_back();
    plan.name = text_of(kmod_module_get_name(module.get()));
    if (kmod_module_get_initstate(module.get()) == KMOD_MODULE_BUILTIN) continue;
    current_steps = &plan.steps;
    current_target = module.get();
    // A dry run that takes nothing as loaded: no command is run, no module inserted.
    const int status =
        kmod_module_probe_insert_module(module.get(), KMOD_PROBE_DRY_RUN | KMOD_PROBE_IGNORE_LOADED,
                                        nullptr, never_run, nullptr, note_step);
    current_steps = nullptr;
    current_target = nullptr;
    if (status < 0) plan.error = -status;
  }
  return plans;
}

std::optional<Entries> LibkmodSession::config(ConfigKind kind) const {
  switch (kind) {
    case ConfigKind::alias:
      return collect(kmod_config_get_aliases(context_.get()));
    case ConfigKind::blacklist:
      return collect(kmod_config_get_blacklists(context_.get()));
    case ConfigKind::options:
      return collect(kmod_config_get_options(context_.get()));
    case ConfigKind::install:
      return collect(kmod_config_get_install_commands(context_.get()));
    case ConfigKind::remove:
      return collect(kmod_config_get_remove_commands(context_.get()));
    case ConfigKind::softdep:
      return collect(kmod_config_get_softdeps(context_.get()));
    case ConfigKind::weakdep:
#ifdef KOVET_LIBKMOD_WEAKDEP
      return collect(kmod_config_get_weakdeps(context_.get()));
#else
      return std::nullopt;
#endif
  }
  return std::nullopt;
}

std::string LibkmodSession::dependency_index() const {
  return dump(context_.get(), KMOD_INDEX_MODULES_DEP);
}

std::string LibkmodSession::alias_index() const {
  return dump(context_.get(), KMOD_INDEX_MODULES_ALIAS);
}

std::string LibkmodSession::loaded_state(const std::string& name) const {
  kmod_module* made = nullptr;
  if (kmod_module_new_from_name(context_.get(), name.c_str(), &made) < 0) return {};
  const ModulePointer module(made);
  const int state = kmod_module_get_initstate(module.get());
  if (state < 0 || state == KMOD_MODULE_BUILTIN) return {};
  return text_of(kmod_module_initstate_str(static_cast<kmod_module_initstate>(state)));
}

MemoryFile::MemoryFile(const std::string& content)
    : descriptor_(::memfd_create("kovet", MFD_CLOEXEC)) {
  for (std::size_t done = 0; descriptor_ >= 0 && done < content.size();) {
    const ssize_t count = ::write(descriptor_, content.data() + done, content.size() - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string MemoryFile::path() const {
  return fmt::format("/proc/self/fd/{}", descriptor_);
}

std::string MemoryFile::content() const {
  const off_t size = ::lseek(descriptor_, 0, SEEK_END);
  if (size <= 0 || static_cast<std::size_t>(size) > max_index_size) return {};
  std::string text(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count =
        ::pread(descriptor_, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

}  // namespace kovet
