#!/usr/bin/env python3
"""What a build through Kovet costs beside plain Kbuild, in one run:

    python3 tests/bench/build_costs.py [--prefix <installed Kovet>] [--kernel RELEASE] [--runs N]

Without --prefix the release preset is built and installed below build/bench first.

A driver of --sources files is built clean, and once more with nothing to do, by plain
`make -C <kernel> M=<folder>` and by a CMake project with Ninja and with Make, in turns. Of wall
clock and of CPU time (user and system, all children) the median and the smallest are printed.
The validation is part of Kovet's builds. Nothing is judged by its time.
"""
import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HEADERS = ["module", "pci", "netdevice", "usb", "interrupt", "dma-mapping", "workqueue", "cdev", "debugfs", "iio/iio"]


def write_driver(folder, sources):
    """A driver whose files have the size and the includes that drivers have."""
    folder.mkdir(parents=True)
    (folder / "part.h").write_text(
        "".join(f"u32 part_{i}(struct pci_dev *pdev, struct sk_buff *skb);\n" for i in range(sources)))
    for i in range(sources):
        lines = [f"#include <linux/{header}.h>\n" for header in HEADERS] + ['#include "part.h"\n']
        for j in range(12):
            lines.append(f"""
static noinline u32 step_{j}(struct pci_dev *pdev, struct sk_buff *skb, u32 value)
{{
	u16 word;
	int i;

	for (i = 0; i < skb_headlen(skb); i++)
		value = value * {31 + j} + skb->data[i];
	if (pci_read_config_word(pdev, {2 * j}, &word))
		dev_err(&pdev->dev, "step {j} of part {i}: cannot read\\n");
	if (value & {1 << j})
		value ^= word;
	return value;
}}
""")
        calls = "".join(f"\tvalue = step_{j}(pdev, skb, value);\n" for j in range(12))
        lines.append(f"\nu32 part_{i}(struct pci_dev *pdev, struct sk_buff *skb)\n{{\n\tu32 value = {i};\n\n{calls}\treturn value;\n}}\n")
        if i == 0:
            lines.append('\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("a driver of some size");\n')
        (folder / f"part{i}.c").write_text("".join(lines))


def timed(command, **options):
    """Wall clock and CPU seconds of a command; its output only when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{result.stdout.decode()}")
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


class Plain:
    name = "plain make"

    def __init__(self, work, source, options):
        self.folder, self.source, self.options = work / "plain", source, options

    def clean(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.source, self.folder)
        objects = " ".join(f"part{i}.o" for i in range(self.options.sources))
        (self.folder / "Kbuild").write_text(f"obj-m := driver.o\ndriver-y := {objects}\n")

    def build(self):
        return timed(["make", "-s", f"-j{self.options.jobs}", "-C", self.options.build, f"M={self.folder}", "modules"])


class Kovet:
    def __init__(self, work, source, options, generator):
        self.name = f"Kovet, {generator}"
        self.folder, self.source, self.options = work / generator, source, options
        names = " ".join(f"part{i}.c" for i in range(options.sources))
        (source / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(driver LANGUAGES NONE)\n"
            f"find_package(Kovet 0.1 REQUIRED)\nkovet_add_module(driver SOURCES {names})\n")
        self.generator = {"Ninja": "Ninja", "Make": "Unix Makefiles"}[generator]
        # What builds: without cmake in front, as people type it.
        self.tool = ["ninja"] if generator == "Ninja" else ["make", "-s", f"-j{options.jobs}"]

    def clean(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        timed(["cmake", "-G", self.generator, "-S", self.source, "-B", self.folder, f"-DKOVET_KERNEL={self.options.build}",
               f"-DKOVET_JOBS={self.options.jobs}", f"-DCMAKE_PREFIX_PATH={self.options.prefix}"])

    def build(self):
        times = timed(self.tool, cwd=self.folder)
        if not (self.folder / "driver.ko").exists():
            sys.exit(f"{self.name} built no driver.ko")
        return times


def default_kernel():
    with_headers = [p.parent.parent.name for p in pathlib.Path("/lib/modules").glob("*/build/Module.symvers")]
    if not with_headers:
        sys.exit("no kernel's headers are installed: apt install linux-headers-amd64")
    return sorted(with_headers)[-1]


def install_release():
    top = pathlib.Path(__file__).resolve().parents[2]
    prefix = top / "build/bench/prefix"
    for command in (["cmake", "--preset", "release", "-DKOVET_BUILD_TESTS=OFF"], ["cmake", "--build", "build/release"],
                    ["cmake", "--install", "build/release", "--prefix", str(prefix)]):
        timed(command, cwd=top)
    return prefix


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prefix", default=None, help="where a release build of Kovet is installed")
    parser.add_argument("--kernel", default=None)
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--generators", default="Ninja,Make")
    options = parser.parse_args()
    options.prefix = pathlib.Path(options.prefix).resolve() if options.prefix else install_release()
    release = options.kernel or default_kernel()
    options.build = f"/lib/modules/{release}/build"

    with tempfile.TemporaryDirectory(prefix="kovet-bench-") as temporary:
        work = pathlib.Path(temporary)
        source = work / "source"
        write_driver(source, options.sources)
        builders = [Plain(work, source, options)]
        builders += [Kovet(work, source, options, generator) for generator in options.generators.split(",")]
        clean = {builder.name: [] for builder in builders}
        idle = {builder.name: [] for builder in builders}
        for run in range(options.runs):
            # In turns, beginning with another one each time.
            turn = builders[run % len(builders):] + builders[:run % len(builders)]
            for builder in turn:
                builder.clean()
                clean[builder.name].append(builder.build())
                builder.build()
                idle[builder.name].append(min(builder.build() for _ in range(3)))
        print(f"{options.sources} sources, kernel {release}, {options.jobs} jobs, {options.runs} runs")
        print(f"{'':34} {'wall s: median, least':>24} {'CPU s: median, least':>24} {'beside plain make: wall, CPU':>30}")
        for title, table in (("clean build", clean), ("nothing to do", idle)):
            base = table[Plain.name]
            for builder in builders:
                wall, cpu = zip(*table[builder.name])
                ratios = [min(mine) / min(theirs) for mine, theirs in zip((wall, cpu), zip(*base))]
                shown = [f"{(r - 1) * 100:+.1f} %" if title == "clean build" else f"1/{1 / r:.1f}" for r in ratios]
                print(f"{title + ', ' + builder.name:34} {statistics.median(wall):14.3f} {min(wall):9.3f} "
                      f"{statistics.median(cpu):14.3f} {min(cpu):9.3f} {shown[0]:>19} {shown[1]:>10}")


main()
