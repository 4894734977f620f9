#include "plan_file.h"

#include <tenon/builder.h>
#include <tenon/error.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

namespace tenon {

namespace {
constexpr char kMagic[8] = {'T', 'E', 'N', 'O', 'N', 'P', 'L', 'N'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kPage = 4096, kAlignment = 64;
constexpr int kRecursionLimit = 400;  // three messages for each nested network
constexpr int kMostNested = 64;       // nested networks of one layer

struct Header {
    char magic[8];
    std::uint32_t version, headerSize;
    std::uint64_t descriptionOffset, descriptionSize, descriptionChecksum;
    std::uint64_t weightsOffset, weightsSize, fileSize, checksum;
    std::uint64_t reserved[7];
};
static_assert(sizeof(Header) == 128);

[[noreturn]] void reject(const std::string& what) {
    throw Error(ErrorCode::badInput, "plan: " + what + "; build it again with `tenon build`");
}

// FNV-1a over 8-byte words, then bytes.
std::uint64_t checksum(const void* data, std::size_t size) {
    const auto* p = static_cast<const unsigned char*>(data);
    std::uint64_t h = 0xcbf29ce484222325U;
    for (; size >= 8; p += 8, size -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, p, 8);
        h = (h ^ word) * 0x100000001b3U;
        h ^= h >> 29;
    }
    for (; size > 0; ++p, --size)
        h = (h ^ *p) * 0x100000001b3U;
    return h;
}

// A fuzzer would never get past the checksums.
bool isIntact([[maybe_unused]] const void* data, [[maybe_unused]] std::size_t size, [[maybe_unused]] std::uint64_t wanted) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    return true;
#else
    return checksum(data, size) == wanted;
#endif
}

std::size_t alignUp(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

void checkIndex(std::int64_t index, std::int64_t count, bool mayBeAbsent, const std::string& what) {
    if (index >= count || index < (mayBeAbsent ? -1 : 0)) reject(fmt::format("{} refers to {} of {}", what, index, count));
}

void checkTensor(const proto::Plan& root, const proto::Tensor& t) {
    if (!abi::isDataType(t.type()) || t.layout() < 0 || t.layout() >= abi::kLayoutCount || t.location() < 0 || t.location() > 1)
        reject("tensor '" + t.name() + "' has an unknown type, layout or location");
    checkIndex(t.weight(), root.weights_size() + 1, false, "tensor '" + t.name() + "': weight");
    if (t.dims().d_size() > abi::kMaxRank) reject("tensor '" + t.name() + "' has too many dimensions");
    if (t.weight() == 0) return;
    if (abi::isComposite(static_cast<DataType>(t.type()))) reject("constant '" + t.name() + "' is no tensor");
    const std::uint64_t size = root.weights(t.weight() - 1).size();
    const Dims dims(t.dims().d().begin(), t.dims().d().end());
    const bool isSized = static_cast<abi::Layout>(t.layout()) != abi::Layout::opaque && t.type() != int(DataType::string);
    if (!isSized) elementCount(dims);
    else if (byteSize(static_cast<DataType>(t.type()), dims) != size)
        reject("constant '" + t.name() + "' has " + std::to_string(size) + " bytes for shape " + toString(dims));
}

void checkIo(const proto::Plan& plan, const proto::Io& io, bool isInput) {
    checkIndex(io.tensor(), plan.tensors_size(), false, "binding '" + io.name() + "'");
    if (!isInput) return;
    const auto rank = io.dims_size();
    if (rank > abi::kMaxRank || io.min().d_size() != rank || io.opt().d_size() != rank || io.max().d_size() != rank)
        reject("input '" + io.name() + "' has dims and a profile of different ranks");
}

// Every layer uses only what exists before it, and every tensor is produced once.
void checkLayers(const proto::Plan& plan) {
    std::vector<bool> ready(static_cast<std::size_t>(plan.tensors_size()));
    for (int i = 0; i < plan.tensors_size(); ++i)
        ready[static_cast<std::size_t>(i)] = plan.tensors(i).weight() != 0;
    for (const auto& io : plan.inputs()) {
        if (ready[static_cast<std::size_t>(io.tensor())])
            reject("input '" + io.name() + "' is bound to a constant or to another input's tensor");
        ready[static_cast<std::size_t>(io.tensor())] = true;
    }
    for (const auto& layer : plan.layers()) {
        const std::string where = "layer '" + layer.name() + "'";
        if (layer.kind() != proto::Layer::PLUGIN &&
            (layer.inputs_size() != 1 || layer.outputs_size() != 1 || layer.inputs(0) < 0 || layer.outputs(0) < 0))
            reject(where + ": a copy has one input and one output");
        if (layer.kind() == proto::Layer::PLUGIN) checkIndex(layer.library(), plan.libraries_size(), false, where + ": library");
        for (const int in : layer.inputs()) {
            checkIndex(in, plan.tensors_size(), true, where + ": input");
            if (in >= 0 && !ready[static_cast<std::size_t>(in)])
                reject(where + " uses tensor '" + plan.tensors(in).name() + "' before it is produced");
        }
        for (const int out : layer.outputs()) {
            checkIndex(out, plan.tensors_size(), true, where + ": output");
            if (out < 0) continue;
            if (ready[static_cast<std::size_t>(out)])
                reject(where + " produces tensor '" + plan.tensors(out).name() + "' a second time");
            ready[static_cast<std::size_t>(out)] = true;
        }
    }
    for (const auto& io : plan.outputs())
        if (!ready[static_cast<std::size_t>(io.tensor())]) reject("output '" + io.name() + "' is produced by no layer");
}

// `root` holds the weights.
void checkDescription(const proto::Plan& plan, const proto::Plan& root) {
    for (const auto& t : plan.tensors())
        checkTensor(root, t);
    for (const auto& io : plan.inputs())
        checkIo(plan, io, true);
    for (const auto& io : plan.outputs())
        checkIo(plan, io, false);
    if (plan.captured_inputs() < 0 || plan.captured_inputs() > plan.inputs_size())
        reject("graph '" + plan.name() + "' captures more inputs than it has");
    checkLayers(plan);
    for (const auto& layer : plan.layers())
        for (const auto& nested : layer.nested()) {
            checkIndex(nested.index(), kMostNested, false, "layer '" + layer.name() + "': nested network");
            checkDescription(nested.plan(), root);
        }
}

Header checkedHeader(const Blob& file) {
    Header h{};
    if (file.size() < sizeof kMagic || std::memcmp(file.data(), kMagic, sizeof kMagic) != 0)
        reject("this is no Tenon plan (it does not begin with TENONPLN)");
    if (reinterpret_cast<std::uintptr_t>(file.data()) % kAlignment != 0)
        reject("its bytes must lie at a multiple of " + std::to_string(kAlignment));
    if (file.size() < sizeof h) reject("only " + std::to_string(file.size()) + " bytes, not even a header");
    std::memcpy(&h, file.data(), sizeof h);
    if (h.version != kVersion) reject(fmt::format("format version {} found, {} wanted", h.version, kVersion));
    if (!isIntact(&h, offsetof(Header, checksum), h.checksum)) reject("the header is damaged (checksum)");
    if (h.fileSize != file.size())
        reject(fmt::format("{} bytes wanted, {} found: the file is truncated or padded", h.fileSize, file.size()));
    const auto inside = [&](std::uint64_t offset, std::uint64_t size) {
        return offset <= h.fileSize && size <= h.fileSize - offset;
    };
    if (!inside(h.descriptionOffset, h.descriptionSize) || !inside(h.weightsOffset, h.weightsSize) ||
        h.weightsOffset % kPage != 0)
        reject("a section lies outside the file");
    return h;
}
}  // namespace

Blob serializePlan(PlanContents& plan) {
    std::uint64_t at = 0;
    plan.description.clear_weights();
    for (const Blob& w : plan.weights) {
        auto* entry = plan.description.add_weights();
        entry->set_offset(at);
        entry->set_size(w.size());
        entry->set_checksum(checksum(w.data(), w.size()));
        at = alignUp(at + w.size(), kAlignment);
    }
    std::string description;
    if (!plan.description.SerializeToString(&description))
        throw Error(ErrorCode::internal, "plan: the description cannot be serialized");
    Header h{};
    std::memcpy(h.magic, kMagic, sizeof kMagic);
    h.version = kVersion;
    h.headerSize = sizeof h;
    h.descriptionOffset = sizeof h;
    h.descriptionSize = description.size();
    h.descriptionChecksum = checksum(description.data(), description.size());
    h.weightsOffset = alignUp(sizeof h + description.size(), kPage);
    h.weightsSize = at;
    h.fileSize = h.weightsOffset + at;
    h.checksum = checksum(&h, offsetof(Header, checksum));
    Blob file = Blob::allocate(h.fileSize);
    std::memcpy(file.mutableData(), &h, sizeof h);
    std::memcpy(file.mutableData() + sizeof h, description.data(), description.size());
    for (std::size_t i = 0; i < plan.weights.size(); ++i)
        if (plan.weights[i].size() > 0)
            std::memcpy(file.mutableData() + h.weightsOffset + plan.description.weights(static_cast<int>(i)).offset(),
                        plan.weights[i].data(), plan.weights[i].size());
    return file;
}

PlanContents parsePlan(const Blob& file) {
    const Header h = checkedHeader(file);
    const std::byte* text = file.data() + h.descriptionOffset;
    if (!isIntact(text, h.descriptionSize, h.descriptionChecksum)) reject("the description is damaged (checksum)");
    PlanContents plan;
    if (h.descriptionSize > INT32_MAX) reject("the description is too large");
    google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(text),
                                                  static_cast<int>(h.descriptionSize));
    stream.SetRecursionLimit(kRecursionLimit);
    if (!plan.description.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
        reject("the description does not parse");
    for (const auto& w : plan.description.weights()) {
        if (w.offset() > h.weightsSize || w.size() > h.weightsSize - w.offset() || w.offset() % kAlignment != 0)
            reject("a weight lies outside its section");
        const std::byte* data = file.data() + h.weightsOffset + w.offset();
        if (w.size() <= kEagerChecksum && !isIntact(data, w.size(), w.checksum())) reject("a weight is damaged (checksum)");
        plan.weights.push_back(Blob::view(data, w.size(), file.owner()));
    }
    checkDescription(plan.description, plan.description);
    return plan;
}

void checkWeights(const PlanContents& plan) {
    for (int i = 0; i < plan.description.weights_size(); ++i) {
        const Blob& w = plan.weights[static_cast<std::size_t>(i)];
        if (checksum(w.data(), w.size()) != plan.description.weights(i).checksum())
            reject("weight " + std::to_string(i) + " is damaged (checksum)");
    }
}

Blob mapFile(const std::string& path) {
    const auto fail = [&](const std::string& what) { throw Error(ErrorCode::badInput, path + ": " + what); };
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) fail(std::strerror(errno));
    struct stat info {};
    const bool isFile = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    const auto size = static_cast<std::size_t>(info.st_size);
    void* data = isFile && size > 0 ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : nullptr;
    close(fd);
    if (!isFile) fail("not a regular file");
    if (size == 0) fail("the file is empty");
    if (data == MAP_FAILED) fail(std::string("cannot be mapped: ") + std::strerror(errno));
    return Blob::view(data, size,
                      std::shared_ptr<const void>(data, [size](const void* p) { munmap(const_cast<void*>(p), size); }));
}

void writeFile(const std::string& path, std::span<const std::byte> bytes) {
    std::string temporary = path + ".XXXXXX";
    const int fd = mkstemp(temporary.data());
    const auto fail = [&](const char* what) {
        const std::string reason = std::strerror(errno);
        if (fd >= 0) unlink(temporary.c_str());
        throw Error(ErrorCode::badInput, path + ": cannot " + what + ": " + reason);
    };
    if (fd < 0) fail("create a file in its folder");
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n = write(fd, bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int error = errno;
            close(fd);
            errno = error;
            fail("write");
        }
        done += static_cast<std::size_t>(n);
    }
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    if (fsync(fd) != 0 || close(fd) != 0) fail("write");
    if (rename(temporary.c_str(), path.c_str()) != 0) fail("rename the temporary file");
}

}  // namespace tenon
