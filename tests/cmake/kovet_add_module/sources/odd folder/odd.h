int odd(void);
#define ODD 0
