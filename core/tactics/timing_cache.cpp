// The cache file: a header line, one line "milliseconds<TAB>key" for each entry, a checksum line.
#include <tenon/builder.h>
#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/timing_cache.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tenon {

namespace {
constexpr const char* kHeader = "tenon timing cache 1";

std::uint64_t fnv(std::string_view text) {
    std::uint64_t h = 0xcbf29ce484222325U;
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return h;
}

// Entries of the text; empty optional when it is damaged.
std::optional<std::map<std::string, double>> parse(const std::string& text) {
    const std::size_t last = text.rfind("checksum ");
    if (!text.starts_with(kHeader) || last == std::string::npos) return std::nullopt;
    if (text.substr(last) != "checksum " + std::to_string(fnv(std::string_view(text).substr(0, last))) + "\n")
        return std::nullopt;
    std::map<std::string, double> entries;
    std::istringstream lines(text.substr(0, last));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string::npos) return std::nullopt;
        const double ms = std::strtod(line.c_str(), nullptr);
        if (!std::isfinite(ms) || ms < 0) return std::nullopt;
        entries[line.substr(tab + 1)] = ms;
    }
    return entries;
}
}  // namespace

void TimingCache::load(const std::string& path, TimingCache& cache) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    auto entries = parse(text.str());
    if (!file || !entries) {
        log(LogLevel::warning, LogTopic::tune,
            "timing cache " + path + " is damaged or not a timing cache; starting with an empty one");
        return;
    }
    const std::lock_guard lock(cache.mutex_);
    cache.entries_.merge(*entries);
}

void TimingCache::save(const std::string& path) const {
    std::string text = std::string(kHeader) + "\n";
    {
        const std::lock_guard lock(mutex_);
        char number[40];
        for (const auto& [key, ms] : entries_) {
            std::snprintf(number, sizeof number, "%.17g", ms);
            text += std::string(number) + "\t" + key + "\n";
        }
    }
    text += "checksum " + std::to_string(fnv(text)) + "\n";
    writeFile(path, std::as_bytes(std::span(text)));
}

std::optional<double> TimingCache::find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

void TimingCache::insert(const std::string& key, double milliseconds) {
    const std::lock_guard lock(mutex_);
    entries_[key] = milliseconds;
}

std::size_t TimingCache::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace tenon
