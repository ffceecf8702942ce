#define DESCRIPTION "any path"
