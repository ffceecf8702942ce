#pragma once

#include "module/module.h"

namespace kovet {

/// Lets go of the file's content: facts keep a compact copy of the text they speak of, and what
/// pointed to more than that (sections' content, a signature longer than kernels take) becomes
/// empty. For whoever keeps the facts of many modules: memory then follows the facts, not the
/// files.
void drop_bytes(Module& module);

}  // namespace kovet
