#define LINKED 0
