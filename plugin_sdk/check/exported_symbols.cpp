#include "exported_symbols.h"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>

#include "verdict.h"

namespace tenon::check {

namespace {
// Reads structures out of a file's bytes; whatever lies beyond the end is a failure.
class Bytes {
public:
    explicit Bytes(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
        require(!bytes_.empty(), "the file is missing, empty or cannot be read");
    }
    template <class T>
    T get(std::uint64_t offset) const {
        T value;
        checkRange(offset, sizeof value);
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }
    std::string text(std::uint64_t offset, std::uint64_t end) const {
        checkRange(offset, 1);
        const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(offset);
        const auto to = bytes_.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(end, bytes_.size()));
        return from < to ? std::string(from, std::find(from, to, '\0')) : "";
    }

private:
    void checkRange(std::uint64_t offset, std::uint64_t size) const {
        require(offset <= bytes_.size() && size <= bytes_.size() - offset, "the file is truncated or no ELF library");
    }
    std::string bytes_;
};

void addSymbols(const Bytes& bytes, const Elf64_Shdr& table, const Elf64_Shdr& names, std::vector<std::string>& found) {
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
        const auto symbol = bytes.get<Elf64_Sym>(table.sh_offset + at);
        const int binding = ELF64_ST_BIND(symbol.st_info);
        if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL || symbol.st_shndx == SHN_ABS) continue;
        found.push_back(bytes.text(names.sh_offset + symbol.st_name, names.sh_offset + names.sh_size));
    }
}
}  // namespace

std::vector<std::string> exportedSymbols(const std::string& path) {
    const Bytes bytes(path);
    const auto header = bytes.get<Elf64_Ehdr>(0);
    require(std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64,
            "the file is not a 64-bit ELF library");
    std::vector<std::string> found;
    for (unsigned i = 0; i < header.e_shnum; ++i) {
        const auto section = bytes.get<Elf64_Shdr>(header.e_shoff + i * std::uint64_t{sizeof(Elf64_Shdr)});
        if (section.sh_type != SHT_DYNSYM) continue;
        addSymbols(bytes, section, bytes.get<Elf64_Shdr>(header.e_shoff + section.sh_link * std::uint64_t{sizeof(Elf64_Shdr)}),
                   found);
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace tenon::check
