#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>

#include "host/modprobe_config.h"
#include "support/process.h"
#include "tests/unit/host/fake_machine.h"
#include "tests/unit/host/modprobe_words.h"

// Made-up machines by the dozen, each asked about every name there is: what Kovet says must be what
// modprobe, modinfo and depmod say. More of them, or one alone:
//
//   KOVET_RANDOM_MACHINES=1000 test_host --gtest_filter='RandomMachines.*'
//   KOVET_RANDOM_MACHINES=1 KOVET_RANDOM_SEED=17 KOVET_KEEP_MACHINE=/tmp/seventeen test_host ...

namespace kovet {
namespace {

using testing::FakeMachine;
using testing::modprobes_steps;
using testing::our_steps;

constexpr std::array<const char*, 8> names{"alpha", "beta",   "gam_ma", "delta",
                                           "eps",   "zeta_1", "eta",    "theta"};

class MadeUp {
 public:
  explicit MadeUp(unsigned seed) : random_(seed) {
    modules();
    depmod_lines();
    modprobe_lines();
    machine.depmod();
    if (chance(6)) stale();
  }

  /// Everything that may be asked for.
  std::vector<std::string> questions() const {
    std::vector<std::string> all(names.begin(), names.end());
    all.insert(all.end(), {"gam-ma", "zeta-1", "nick", "nick-name", "pci:v00001234d00005678",
                           "usb:v1p2", "nowhere"});
    return all;
  }

  std::string text;  ///< the configuration, to read when a test fails
  FakeMachine machine;

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool chance(unsigned one_in) { return below(one_in) == 0; }
  template <class List>
  auto pick(const List& list) {
    return list[below(static_cast<unsigned>(std::size(list)))];
  }
  std::string name() { return pick(names); }
  /// The name as people may write it.
  std::string spelt() {
    auto word = name();
    if (chance(2)) std::replace(word.begin(), word.end(), '_', '-');
    return word;
  }

  void modules() {
    constexpr std::array folders{"kernel/drivers", "kernel/net", "updates",
                                 "updates/dkms",   "extra",      "weak-updates"};
    std::string builtin;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (chance(9)) continue;  // no such module
      if (chance(9)) {
        builtin += fmt::format("kernel/drivers/{}.ko\n", names[i]);
        if (!chance(3)) continue;
      }
      std::vector<std::string> needs;
      for (std::size_t j = i + 1; j < names.size(); ++j)
        if (chance(3)) needs.emplace_back(names[j]);
      const unsigned copies = 1 + below(2) * below(2);
      for (unsigned copy = 0; copy < copies; ++copy) {
        auto builder = FakeMachine::user(names[i], needs);
        builder.export_symbol(std::string(names[i]) + "_symbol", {.crc = 1});
        builder.parameter("level", "int").parameter("mode", "charp");
        if (chance(2)) builder.modinfo("alias", "pci:v00001234d*");
        if (chance(4)) builder.modinfo("alias", "usb:v1p2*");
        if (chance(5)) builder.modinfo("softdep", "pre: " + name() + " post: " + name());
        std::string file = names[i];
        if (chance(2)) std::replace(file.begin(), file.end(), '_', '-');
        machine.module(fmt::format("{}/{}.ko", pick(folders), file), builder);
      }
    }
    machine.write(machine.modules_dir() + "/modules.builtin", builtin);
  }

  void depmod_lines() {
    std::string lines;
    if (chance(2)) {
      std::vector<std::string> order{"updates", "extra", "weak-updates", "built-in"};
      std::shuffle(order.begin(), order.end(), random_);
      lines += fmt::format("search {}\n", fmt::join(order, " "));
    }
    if (chance(3))
      lines += fmt::format("override {} {} {}\n", name(), pick(std::array{"*", "6.12.*", "5.4"}),
                           pick(std::array{"extra", "kernel/drivers", "updates"}));
    machine.write("/etc/depmod.d/a.conf", lines);
    text += "# depmod.d\n" + lines;
  }

  std::string line() {
    switch (below(13)) {
      case 0:
        return "blacklist " + spelt();
      case 1:
        return fmt::format("alias {} {}",
                           pick(std::array{"nick", "nick-*", "usb:v1*", "nick_name"}), spelt());
      case 2:
        return fmt::format("options {} {}", chance(5) ? "nick" : spelt(),
                           pick(std::array{"level=3", "mode=\"a b\" level=1", "nosuch",
                                           "level= x=", "level=1\tmode=x"}));
      case 3:
        return fmt::format(
            "install {} {}", chance(5) ? "z*" : spelt(),
            pick(std::array{"/bin/false", "/bin/true", "/sbin/modprobe -i eta $CMDLINE_OPTS",
                            "echo  two  spaces"}));
      case 4:
        return fmt::format("remove {} /bin/true", spelt());
      case 5:
        return fmt::format("softdep {} pre: {} {}", spelt(), spelt(), spelt());
      case 6:
        return fmt::format("softdep {} post: {} pre: {}", spelt(), spelt(), spelt());
      case 7:
        return pick(std::array{"# comment", "", "nonsense here", "options", "blacklist",
                               "alias only", "install", "  # indented"});
      case 8:
        return fmt::format("softdep {} pre: {} post: nick-name", spelt(),
                           chance(2) ? "nick" : "usb:v1p2");
      case 9:
        return fmt::format("install {} {}",
                           pick(std::array{"[a-d]*", "e?s", "gam[-_]ma", "a[lp", "*_1"}),
                           pick(std::array{"echo \"a b\" # c", "{ /bin/true; }; /bin/false", ":"}));
      case 10:
        return fmt::format(
            "options {} {}", spelt(),
            pick(std::array{"mode=\\\"x\\\"", "mode=\"un closed", "mode='x y'  level=1",
                            "level=1 # no comment", "level=1\r"}));
      case 11:
        return pick(std::array{"opt\\\nions alpha level=7", "# comment \\\nblacklist beta",
                               "options nick level=9", "blacklist alpha\r",
                               "include /etc/modprobe.d"});
      default:
        return fmt::format("options {} level=2 \\\n  mode=joined", spelt());
    }
  }

  void modprobe_lines() {
    constexpr std::array folders{"/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d",
                                 "/lib/modprobe.d", "/usr/local/lib/modprobe.d"};
    constexpr std::array files{"a.conf",       "b.conf",       "10-c.conf",
                               "not-read.txt", ".hidden.conf", "aliases.alias"};
    for (unsigned file = below(6); file > 0; --file) {
      std::string content;
      for (unsigned count = below(5); count > 0; --count) content += line() + "\n";
      const auto path = fmt::format("{}/{}", pick(folders), pick(files));
      if (std::filesystem::exists(machine.root() / path.substr(1))) continue;
      if (chance(8)) {
        machine.link(path, "/dev/null");
        text += "# " + path + " -> /dev/null\n";
        continue;
      }
      if (chance(12)) {
        machine.write(path + "/inner.conf", "blacklist alpha\n");
        text += "# " + path + " is a folder\n";
        continue;
      }
      machine.write(path, content);
      text += "# " + path + "\n" + content;
    }
  }

  void stale() {
    const std::string file = name();
    for (const char* folder : {"kernel/drivers", "updates", "extra"})
      if (const auto path = machine.modules_dir() + "/" + folder + "/" + file + ".ko";
          std::filesystem::exists(machine.root() / path.substr(1))) {
        machine.remove(path);
        text += "# removed after depmod: " + path + "\n";
      }
  }

  std::mt19937 random_;
};

std::string modinfo_path(const FakeMachine& machine, const std::string& name) {
  const auto outcome = run_process(
      {.program = testing::kmod_tool("modinfo"),
       .arguments = {"-b", machine.root().string(), "-k", FakeMachine::release, "-n", name}});
  auto text = outcome ? outcome->out : "";
  while (text.ends_with('\n')) text.pop_back();
  const auto root = machine.root().string();
  return text.starts_with(root) ? text.substr(root.size()) : text;
}

/// The lines of `modprobe -c` that come from files, in its order.
std::vector<std::string> shown_config(const FakeMachine& machine) {
  std::vector<std::string> lines;
  for (const auto& line : modprobes_steps(machine.modprobe({"-c"}))) {
    if (line.starts_with("# End of configuration files")) break;
    lines.push_back(line);
  }
  return lines;
}

TEST(RandomMachines, KovetSaysWhatKmodDoes) {
  KOVET_NEEDS_KMOD();
  const char* wanted = std::getenv("KOVET_RANDOM_MACHINES");
  const char* first = std::getenv("KOVET_RANDOM_SEED");
  const unsigned machines = wanted ? static_cast<unsigned>(std::atoi(wanted)) : 10;
  const unsigned begin = first ? static_cast<unsigned>(std::atoi(first)) : 1;
  std::map<std::string_view, int> answers;
  for (unsigned seed = begin; seed < begin + machines; ++seed) {
    MadeUp made(seed);
    SCOPED_TRACE(fmt::format("KOVET_RANDOM_SEED={}\n{}", seed, made.text));
    for (const auto& name : made.questions()) {
      SCOPED_TRACE(name);
      const auto report = made.machine.ask(name);
      ++answers[to_string(report.answer)];
      EXPECT_EQ(report.disagreements, std::vector<std::string>{});
      EXPECT_FALSE(report.sentence.empty());
      const auto plan = modprobes_steps(made.machine.modprobe({"-n", "-v", name}));
      const auto depends = modprobes_steps(made.machine.modprobe({"--show-depends", name}));
      // What is asked for by an alias and blacklisted is not even tried.
      auto tried = report;
      std::erase_if(tried.targets, [](const HostTarget& target) {
        return !target.via_alias.empty() && target.answer == HostAnswer::blocked &&
               target.sentence.find("asked for by an alias") != std::string::npos;
      });
      const auto ours = our_steps(made.machine, tried);
      // -n -v says nothing of what is built in; --show-depends has the file all the same.
      const auto loads = [](std::vector<std::string> steps) {
        std::erase_if(steps, [](const std::string& step) { return step.starts_with("builtin "); });
        return steps;
      };
      EXPECT_EQ(loads(ours), loads(plan));
      const bool by_alias =
          std::any_of(report.targets.begin(), report.targets.end(),
                      [](const HostTarget& target) { return !target.via_alias.empty(); });
      const auto builtin = [&](const auto& steps) {
        return std::any_of(steps.begin(), steps.end(),
                           [](const auto& step) { return step.builtin; });
      };
      const bool some_builtin = std::any_of(
          report.targets.begin(), report.targets.end(),
          [&](const HostTarget& target) { return target.builtin || builtin(target.steps); });
      if (!by_alias && !some_builtin) {
        EXPECT_EQ(ours, depends);
      }
      if (report.answer == HostAnswer::would_load) {
        EXPECT_FALSE(loads(plan).empty());
      }
      if (report.answer == HostAnswer::built_in) {
        EXPECT_TRUE(loads(plan).empty());
      }
      if (report.targets.size() == 1 && !report.targets[0].path.empty() && !by_alias) {
        const auto& target = report.targets[0];
        EXPECT_EQ(modinfo_path(made.machine, name), target.path);
        for (const auto& file : target.files)
          if (file.indexed && !target.by_directory_order &&
              made.text.find("# removed") == std::string::npos) {
            EXPECT_TRUE(file.chosen) << file.path << " is depmod's choice";
          }
      }
    }
    if (const char* keep = std::getenv("KOVET_KEEP_MACHINE"))
      std::filesystem::copy(made.machine.root(), keep, std::filesystem::copy_options::recursive);
    const auto root = Root::open(made.machine.root()).value();
    const auto config = scan_modprobe_config(root, made.machine.modules_dir());
    std::vector<std::string> scanned, shown = shown_config(made.machine);
    for (const auto& entry : config.entries) {
      const auto value =
          entry.kind == ConfigKind::softdep ? to_string(parse_softdep(entry.value)) : entry.value;
      for (auto& line :
           modprobes_steps(fmt::format("{} {} {}", to_string(entry.kind), entry.name, value)))
        scanned.push_back(std::move(line));
    }
    // modprobe -c prints "pre: apost: b" for a softdep with both, and groups lines by kind.
    const auto normal = [](std::vector<std::string>& lines) {
      for (auto& line : lines)
        if (line.starts_with("softdep ")) std::erase(line, ' ');
      std::sort(lines.begin(), lines.end());
    };
    normal(scanned);
    normal(shown);
    // libkmod adds what the running kernel's command line has.
    for (const auto& line : scanned) EXPECT_THAT(shown, ::testing::Contains(line));
  }
  if (machines >= 10 && !first) {
    EXPECT_GT(answers["would-load"], 0);
    EXPECT_GT(answers["blocked"], 0);
    EXPECT_GT(answers["not-found"], 0);
    EXPECT_GT(answers["built-in"], 0);
  }
}

}  // namespace
}  // namespace kovet
