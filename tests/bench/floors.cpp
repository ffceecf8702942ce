#include <fcntl.h>
#include <lzma.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// What the libraries alone take, on all processors: what no program above them can go below.
//
//   kovet_bench_floors xz DIR       liblzma unpacks every .ko.xz below DIR and forgets it
//   kovet_bench_floors digest DIR   libcrypto's SHA-256 of every .ko below DIR
//   kovet_bench_floors verify N     libcrypto verifies N signatures with one ECDSA P-384 key

namespace {

namespace fs = std::filesystem;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "kovet_bench_floors: %s\n", why.c_str());
  std::exit(2);
}

void on_all_processors(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    threads.emplace_back([&] {
      for (std::size_t item = next++; item < count; item = next++) work(item);
    });
  for (std::thread& thread : threads) thread.join();
}

std::vector<fs::path> files_below(const std::string& folder, std::string_view ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().string().ends_with(ending))
      files.push_back(entry.path());
  if (files.empty()) die("no " + std::string(ending) + " below " + folder);
  return files;
}

class Mapped {
 public:
  explicit Mapped(const fs::path& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (fd < 0 || ::fstat(fd, &about) != 0) die("cannot read " + file.string());
    size = static_cast<std::size_t>(about.st_size);
    data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    ::close(fd);
    if (data == MAP_FAILED) die("cannot map " + file.string());
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() { ::munmap(data, size); }

  void* data = nullptr;
  std::size_t size = 0;
};

void unpack(const fs::path& file) {
  const Mapped content(file);
  std::vector<std::uint8_t> out(std::size_t{1} << 16);
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, UINT64_MAX, 0) != LZMA_OK) die("no decoder");
  stream.next_in = static_cast<const std::uint8_t*>(content.data);
  stream.avail_in = content.size;
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK) {
    stream.next_out = out.data();
    stream.avail_out = out.size();
    state = lzma_code(&stream, LZMA_FINISH);
  }
  lzma_end(&stream);
  if (state != LZMA_STREAM_END) die("damaged: " + file.string());
}

void digest(const fs::path& file) {
  const Mapped content(file);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(content.data, content.size, out, &size, EVP_sha256(), nullptr) != 1)
    die("no SHA-256");
}

void verify(std::size_t count) {
  EVP_PKEY* const key = EVP_EC_gen("P-384");
  const std::vector<unsigned char> hash(32, 0x5a);
  std::vector<unsigned char> signature(256);
  std::size_t size = signature.size();
  EVP_PKEY_CTX* const signer = key ? EVP_PKEY_CTX_new(key, nullptr) : nullptr;
  if (!signer || EVP_PKEY_sign_init(signer) != 1 ||
      EVP_PKEY_sign(signer, signature.data(), &size, hash.data(), hash.size()) != 1)
    die("cannot sign");
  on_all_processors(count, [&](std::size_t) {
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(key, nullptr);
    if (!context || EVP_PKEY_verify_init(context) != 1 ||
        EVP_PKEY_verify(context, signature.data(), size, hash.data(), hash.size()) != 1)
      die("does not verify");
    EVP_PKEY_CTX_free(context);
  });
  EVP_PKEY_CTX_free(signer);
  EVP_PKEY_free(key);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) die("xz DIR | digest DIR | verify N");
  const std::string_view what = argv[1];
  if (what == "verify") {
    verify(static_cast<std::size_t>(std::atol(argv[2])));
  } else if (what == "xz" || what == "digest") {
    const auto files = files_below(argv[2], what == "xz" ? ".ko.xz" : ".ko");
    const auto work = what == "xz" ? unpack : digest;
    on_all_processors(files.size(), [&](std::size_t i) { work(files[i]); });
  } else {
    die("xz DIR | digest DIR | verify N");
  }
  return 0;
}
