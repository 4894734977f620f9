#include "library_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tenon/registry/registry.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

namespace tenon {

namespace {
constexpr std::uint32_t kSanitizers = abi::kAddressSanitizer | abi::kThreadSanitizer;

// A read-only view of a whole file.
class MappedFile {
public:
    explicit MappedFile(const std::string& path) {
        const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            failure = std::string("cannot be read: ") + std::strerror(errno);
            return;
        }
        struct stat info {};
        if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) failure = "is not a regular file";
        else if (info.st_size == 0) failure = "is empty";
        else map(fd, static_cast<std::size_t>(info.st_size));
        close(fd);
    }
    ~MappedFile() {
        if (!bytes.empty()) munmap(const_cast<char*>(bytes.data()), bytes.size());
    }
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::string_view bytes;
    std::string failure;

private:
    void map(int fd, std::size_t size) {
        void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (memory == MAP_FAILED) failure = std::string("cannot be mapped: ") + std::strerror(errno);
        else bytes = {static_cast<const char*>(memory), size};
    }
};

template <class T>
bool readAt(std::string_view bytes, std::uint64_t offset, T& value) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof value) return false;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return true;
}

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
constexpr Elf64_Half kMachine = EM_NONE;
#endif

std::string refuseElf(std::string_view bytes) {
    Elf64_Ehdr header;
    if (!bytes.starts_with(ELFMAG)) return "is not an ELF library";
    if (!readAt(bytes, 0, header)) return "is truncated: it ends within the ELF header";
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || (kMachine != EM_NONE && header.e_machine != kMachine))
        return "was built for another machine";
    if (header.e_type != ET_DYN) return "is an ELF file but not a shared library";
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr part;
        const bool isThere = readAt(bytes, header.e_phoff + i * std::uint64_t{header.e_phentsize}, part);
        if (!isThere || part.p_offset > bytes.size() || part.p_filesz > bytes.size() - part.p_offset)
            return "is truncated: a program segment lies beyond its end";
    }
    return "";
}

// Every sanitized binary refers to its runtime's start function.
std::uint32_t sanitizersOf(std::string_view bytes) {
    using namespace std::string_view_literals;
    const auto refersTo = [&](std::string_view symbol) {
        return memmem(bytes.data(), bytes.size(), symbol.data(), symbol.size()) != nullptr;
    };
    return (refersTo("\0__asan_init\0"sv) ? abi::kAddressSanitizer : 0U) |
           (refersTo("\0__tsan_init\0"sv) ? abi::kThreadSanitizer : 0U);
}
}  // namespace

std::string refuseFile(const std::string& path) {
    const MappedFile file(path);
    if (!file.failure.empty()) return file.failure;
    if (std::string reason = refuseElf(file.bytes); !reason.empty()) return reason;
    const std::uint32_t sanitizers = sanitizersOf(file.bytes);
    return sanitizers == 0 ? "" : flagMismatch(sanitizers);
}

std::uint64_t digestFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(ErrorCode::badInput, "library " + path + " cannot be read: " + std::strerror(errno));
    std::vector<char> buffer(1 << 20);
    std::uint64_t h = 0xcbf29ce484222325U;
    while (file) {
        file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        const auto n = static_cast<std::size_t>(file.gcount());
        std::memset(buffer.data() + n, 0, buffer.size() - n);
        for (std::size_t i = 0; i < n; i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, buffer.data() + i, sizeof word);
            h = (h ^ word) * 0x100000001b3U;
            h ^= h >> 29U;
        }
        h += n;
    }
    return h;
}

std::uint32_t hostBuildFlags() {
    std::uint32_t flags = 0;
#ifdef __SANITIZE_ADDRESS__
    flags |= abi::kAddressSanitizer;
#endif
#ifdef __SANITIZE_THREAD__
    flags |= abi::kThreadSanitizer;
#endif
    return flags;
}

std::string sanitizerName(std::uint32_t flags) {
    if ((flags & abi::kAddressSanitizer) != 0) return "with AddressSanitizer";
    return (flags & abi::kThreadSanitizer) != 0 ? "with ThreadSanitizer" : "without a sanitizer";
}

std::string flagMismatch(std::uint32_t libraryFlags) {
    const std::uint32_t host = hostBuildFlags();
    if ((libraryFlags & kSanitizers) == (host & kSanitizers)) return "";
    return "was built " + sanitizerName(libraryFlags) + ", this host " + sanitizerName(host) + "; build it again in the same way";
}

}  // namespace tenon
