#pragma once

#include <vector>

#include "explain/explain.h"

// What the lines of a log say together that none says alone.

namespace kovet::explain {

/// Takes away what repeats another line. Before meanings and causes are filled in.
void settle_repetitions(std::vector<Explanation>& items);

/// How far each module came, and which line of the kernel's says why a tool failed. With causes.
void settle_stages(std::vector<Explanation>& items);

}  // namespace kovet::explain
