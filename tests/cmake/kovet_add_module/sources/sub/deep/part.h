#define PART 1 - 1
#define DEEP 1
