// Values that may be absent (ONNX Optional, OptionalHasElement, OptionalGetElement; opset 15, and 18 where the last two also take
// tensors and sequences that are simply there).
#include "list_output.h"

namespace tenon::reference {
using namespace sdk;

inline constexpr Slot kValue = orComposite(anyType | halfBytes);

struct Optional : ListOutput {
    std::optional<DataType> type;
    static constexpr Identity identity{.name = "Optional", .since = 15};
    static constexpr auto formats = rows(row(in(optional(kValue)), out(kValue)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "type", &Optional::type, "type of the value when there is none")};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        const bool isGiven = !in.empty() && in[0] != DataType::undefined;
        if (!isGiven && !type) throw Error("without an input the attribute type must be given");
        const DataType value = isGiven ? in[0] : *type;
        if ((abi::flagsOf(value) & ~abi::kSequenceFlag) != 0)
            throw Error(std::string("an optional does not hold ") + typeName(value));
        out[0] = abi::withFlags(value, abi::kOptionalFlag);
    }
    void infer(Shapes, Shapes y) const { y[0] = Shape::ofRank(0); }
    void run(const Launch& l) const {
        std::vector<OwnedTensor> owned;
        std::vector<abi::FieldTensor> items;
        if (l.hasInput(0)) items.push_back(owned.emplace_back(inputTensor(l, 0)).ref());
        give(l, std::move(items), std::move(owned));
    }
};

inline bool isOptional(DataType type) { return (abi::flagsOf(type) & abi::kOptionalFlag) != 0; }

struct OptionalHasElement {
    static constexpr Identity identity{.name = "OptionalHasElement", .since = 15};
    static constexpr auto formats = rows(row(in(optional(kValue)), out(boolean)));
    void infer(Shapes, Shapes y) const { y[0] = Shape::ofRank(0); }
    void run(const Launch& l) const {
        l.output<bool>(0)[0] = l.hasInput(0) && (!isOptional(l.inputType(0)) || !itemsOf(l.inputData(0)).empty());
    }
};

struct OptionalGetElement {
    static constexpr Identity identity{.name = "OptionalGetElement", .since = 15};
    static constexpr auto formats = rows(row(in(kValue), out(kValue)));
    static constexpr std::uint64_t shapeInputs = bits(0);
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        out[0] = isOptional(in[0]) ? abi::itemOf(in[0]) : in[0];
    }
    void infer(Shapes x, Shapes y) const {
        if (!isOptional(x[0].type)) y[0] = x[0];
        else if (x[0].data != nullptr) y[0] = shapeOf(element(knownItems(x[0])).desc);
        else if (abi::isComposite(abi::itemOf(x[0].type))) y[0] = Shape::ofRank(0);
    }
    void run(const Launch& l) const {
        const abi::FieldTensor x = isOptional(l.inputType(0)) ? element(itemsOf(l.inputData(0))) : inputTensor(l, 0);
        if (x.size > 0) std::memcpy(l.outputData(0), x.data, x.size);
    }

private:
    static const abi::FieldTensor& element(std::span<const abi::FieldTensor> items) {
        if (items.empty()) throw Error("the optional has no element");
        return items[0];
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(optional, tenon::reference::Optional, tenon::reference::OptionalHasElement, tenon::reference::OptionalGetElement)
