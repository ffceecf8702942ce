#define WRITTEN "original"
