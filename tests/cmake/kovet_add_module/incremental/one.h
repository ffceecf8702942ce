#ifndef DESCRIPTION
#define DESCRIPTION "plain"
#endif
