/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/linkage.h>
#if LEVEL != 3
#error LEVEL
#endif
SYM_FUNC_START(low)
#ifdef CONFIG_X86
	xorl %eax, %eax
#endif
	RET
SYM_FUNC_END(low)
