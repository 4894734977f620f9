#include "trial.h"

#include <algorithm>
#include <cstring>

#include "host.h"
#include "verdict.h"

namespace tenon::check {

namespace {
using abi::DataType;
using abi::Layout;

constexpr std::uint64_t kMostWorkspace = 1U << 28U;

bool fitsLayout(const abi::TensorDesc& desc, Layout layout) {
    const bool isBlocked = layout >= Layout::blocked4 && layout <= Layout::blocked32;
    return layout == Layout::linear || (desc.dims.rank >= 3 && (!isBlocked || elementBits(desc.type) % 8 == 0));
}

// Chooses position by position, as the optimizer does.
bool combine(const Problem& p, Layout wanted, Formats& formats) {
    const auto inputs = static_cast<std::int32_t>(p.inputs.size()), outputs = static_cast<std::int32_t>(p.outputs.size());
    for (std::int32_t pos = 0; pos < inputs + outputs; ++pos) {
        bool isFound = false;
        for (const Layout layout : {wanted, Layout::linear}) {
            auto& desc = formats[static_cast<std::size_t>(pos)];
            desc.layout = desc.type == DataType::undefined || !fitsLayout(desc, layout) ? Layout::linear : layout;
            isFound = p.plugin->supportsFormatCombination(pos, formats.data(), inputs, outputs);
            if (isFound) break;
        }
        if (!isFound) return false;
    }
    return true;
}

abi::DynamicTensorDesc fixed(const abi::TensorDesc& desc) { return {desc, desc.dims, desc.dims, desc.dims}; }
}  // namespace

std::vector<Formats> formatCombinations(const Problem& p) {
    std::vector<Formats> found;
    for (const Layout wanted :
         {Layout::linear, Layout::channelsLast, Layout::blocked4, Layout::blocked8, Layout::blocked16, Layout::blocked32}) {
        Formats formats = p.inputs;
        formats.insert(formats.end(), p.outputs.begin(), p.outputs.end());
        if (!combine(p, wanted, formats)) continue;
        const auto isSame = [&](const Formats& other) {
            return std::equal(formats.begin(), formats.end(), other.begin(),
                              [](const auto& a, const auto& b) { return a.layout == b.layout; });
        };
        if (std::none_of(found.begin(), found.end(), isSame)) found.push_back(formats);
    }
    return found;
}

std::string describe(const Formats& formats) {
    std::string s;
    for (const abi::TensorDesc& d : formats)
        s += (s.empty() ? "" : ", ") + describe(d.type, d.dims) +
             (d.layout == Layout::linear ? "" : std::string(" ") + layoutName(d.layout));
    return s;
}

bool configure(abi::IPlugin& plugin, const Formats& formats, std::size_t inputCount, std::string* why) {
    std::vector<abi::DynamicTensorDesc> descs;
    for (const abi::TensorDesc& d : formats)
        descs.push_back(fixed(d));
    const abi::LayerDescs layer{descs.data(), descs.data() + inputCount, static_cast<std::int32_t>(inputCount),
                                static_cast<std::int32_t>(descs.size() - inputCount)};
    takeMessage();
    const bool isTaken = plugin.configurePlugin(&layer) == abi::Status::ok;
    if (!isTaken) *why = takeReason("configurePlugin");
    return isTaken;
}

Trial::Trial(const Problem& problem, const Formats& formats, std::uint64_t seed)
    : formats_(formats), inputCount_(problem.inputs.size()) {
    RandomSource random(seed);
    for (std::size_t i = 0; i < inputCount_; ++i) {
        auto buffer = std::make_unique<GuardedBuffer>("input " + std::to_string(i), byteSize(formats_[i]), 0);
        if (formats_[i].layout != Layout::linear) fillRandom(formats_[i], buffer->data(), random);
        else std::copy(problem.content[i].begin(), problem.content[i].end(), buffer->data());
        originals_.emplace_back(buffer->data(), buffer->data() + buffer->size());
        inputs_.push_back(std::move(buffer));
    }
}

abi::Status Trial::enqueue(abi::IPlugin& plugin, std::vector<std::unique_ptr<GuardedBuffer>>& out) {
    std::vector<const void*> in;
    std::vector<void*> results;
    for (std::size_t i = 0; i < inputCount_; ++i)
        in.push_back(formats_[i].type == DataType::undefined ? nullptr : inputs_[i]->data());
    for (std::size_t i = inputCount_; i < formats_.size(); ++i)
        results.push_back(formats_[i].type == DataType::undefined ? nullptr : out[i - inputCount_]->data());
    const std::uint64_t size = plugin.getWorkspaceSize();
    if (size > kMostWorkspace) throw Skipped{"it wants " + std::to_string(size) + " bytes of workspace"};
    const GuardedBuffer workspace("the workspace", static_cast<std::size_t>(size), 0xE1);
    const abi::EnqueueArgs args{formats_.data(),
                                formats_.data() + inputCount_,
                                in.data(),
                                results.data(),
                                workspace.data(),
                                size,
                                nullptr,
                                static_cast<std::int32_t>(in.size()),
                                static_cast<std::int32_t>(results.size())};
    takeMessage();
    const abi::Status status = plugin.enqueue(&args);
    workspace.checkSurroundings();
    return status;
}

// The bytes of an output; of a data-dependent one only what the plugin says it wrote.
std::vector<std::byte> Trial::take(abi::IPlugin& plugin, std::size_t output, const GuardedBuffer& buffer) const {
    const abi::TensorDesc& desc = formats_[inputCount_ + output];
    abi::TensorDesc written = desc;
    std::size_t size = buffer.size();
    abi::Dims actual{};
    auto* dynamic = static_cast<abi::IDynamicOutput*>(plugin.extension(abi::IDynamicOutput::kId));
    if (dynamic != nullptr && dynamic->actualDims(static_cast<std::int32_t>(output), &actual) == abi::Status::ok) {
        require(actual.rank >= 0 && actual.rank <= abi::kMaxRank, "actualDims gives rank " + std::to_string(actual.rank));
        for (int i = 0; i < actual.rank; ++i)
            require(actual.d[i] >= 0, "actualDims gives a negative dimension");
        const abi::TensorDesc real = linearDesc(desc.type, actual);
        require(elementCount(actual) <= elementCount(desc.dims),
                "actualDims of output " + std::to_string(output) + " exceed maxDims");
        size = byteSize(real);
        written = real;
    }
    if (desc.type == DataType::string || abi::isComposite(desc.type)) return flatBytes(written, buffer.data());
    require(isPaddingZero(desc, buffer.data()), "the channels that pad output " + std::to_string(output) + " do not hold zeros");
    std::vector<std::byte> bytes(buffer.data(), buffer.data() + size);
    if (elementBits(desc.type) == 4 && elementCount(desc.dims) % 2 != 0 && !bytes.empty()) bytes.back() &= std::byte{0x0F};
    return bytes;
}

std::optional<Trial::Outputs> Trial::run(abi::IPlugin& plugin, std::uint8_t fill, std::string* why) {
    std::vector<std::unique_ptr<GuardedBuffer>> out;
    for (std::size_t i = inputCount_; i < formats_.size(); ++i)
        out.push_back(std::make_unique<GuardedBuffer>("output " + std::to_string(i - inputCount_), byteSize(formats_[i]), fill));
    const abi::Status status = enqueue(plugin, out);
    for (const auto& buffer : out)
        buffer->checkSurroundings();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        inputs_[i]->checkSurroundings();
        require(std::equal(originals_[i].begin(), originals_[i].end(), inputs_[i]->data()),
                "enqueue changes input " + std::to_string(i));
    }
    if (status != abi::Status::ok) {
        *why = takeReason("enqueue");
        return std::nullopt;
    }
    Outputs outputs;
    for (std::size_t i = 0; i < out.size(); ++i)
        outputs.push_back(formats_[inputCount_ + i].type == DataType::undefined ? std::vector<std::byte>()
                                                                                : take(plugin, i, *out[i]));
    return outputs;
}

bool Trial::pack(abi::IPlugin& plugin) {
    auto* prepack = static_cast<abi::IPrepack*>(plugin.extension(abi::IPrepack::kId));
    bool isAny = false;
    for (std::size_t i = 0; prepack != nullptr && i < inputCount_; ++i) {
        const auto index = static_cast<std::int32_t>(i);
        const std::uint64_t size = formats_[i].layout == Layout::linear ? prepack->packedSize(index) : 0;
        if (size == 0 || formats_[i].type == DataType::undefined) continue;
        require(size <= kMostWorkspace, "packedSize of input " + std::to_string(i) + " is " + std::to_string(size));
        auto packed = std::make_unique<GuardedBuffer>("packed input " + std::to_string(i), static_cast<std::size_t>(size), 0);
        takeMessage();
        abi::Status status = prepack->pack(index, &formats_[i], inputs_[i]->data(), packed->data());
        packed->checkSurroundings();
        if (status == abi::Status::ok) status = prepack->setPacked(index);
        if (status != abi::Status::ok) throw Failed{"packing input " + std::to_string(i) + " fails: " + takeReason("pack")};
        formats_[i].layout = Layout::opaque;
        originals_[i].assign(packed->data(), packed->data() + size);
        inputs_[i] = std::move(packed);
        isAny = true;
    }
    return isAny;
}

}  // namespace tenon::check
