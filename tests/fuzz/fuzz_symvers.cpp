#include <cstdint>

#include "kernel/kernel.h"
#include "kernel/read_kernel.h"

// Any bytes as Module.symvers, and as a configuration.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kovet;
  const auto bytes = Bytes::copy({reinterpret_cast<const char*>(data), size});
  std::size_t sum = 0;
  if (const auto symvers = parse_symvers(bytes, "fuzz")) {
    symvers->symbols.any_of([&](std::string_view name, const SymversEntry& entry) {
      sum += name.size() + entry.module.size() + entry.symbol_namespace.size();
      return !symvers->symbols.find(name);  // each must be found by its name
    });
    for (const auto& pair : symvers->contradictions) sum += pair.symbol.size();
  }
  const KernelConfig config = KernelConfig::parse(bytes);
  sum += config.size() + config.value("CC_VERSION_TEXT").value_or("").size();
  KernelVersion::parse(bytes->text());
  return sum == ~std::size_t{0} ? -1 : 0;
}
