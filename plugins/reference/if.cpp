// Outputs of then_branch when the condition holds, else of else_branch (ONNX If opset 1 and later).
#include <tenon/abi/inlining.h>

#include "owned_outputs.h"

namespace tenon::reference {
using namespace sdk;

struct If : OwnedOutputs<If>, abi::IInline {
    Graph thenBranch, elseBranch;
    static constexpr Identity identity{.name = "If", .since = 1};
    static constexpr Slot kAny = orComposite(anyType | halfBytes);
    static constexpr auto formats = rows(row(in(boolean, optional(variadic(kAny))), out(variadic(kAny))));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    void* extension(std::string_view id) {
        return id == abi::IInline::kId ? static_cast<abi::IInline*>(this) : OwnedOutputs<If>::extension(id);
    }
    std::int32_t inlinedSubgraph(const abi::SymbolicTensor* inputs, std::int32_t) const noexcept override {
        if (inputs[0].valueCount != 1 || inputs[0].values[0] == nullptr || !inputs[0].values[0]->isConstant()) return -1;
        return inputs[0].values[0]->constantValue() != 0 ? 0 : 1;  // in the order of attributes()
    }
    static constexpr auto attributes() {
        return std::tuple{attr(1, "then_branch", &If::thenBranch, "graph to run when the condition is true").required(),
                          attr(2, "else_branch", &If::elseBranch, "graph to run when it is false").required()};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        const auto a = Subgraph(thenBranch).outputTypes(captured(in, true));
        const auto b = Subgraph(elseBranch).outputTypes(captured(in, false));
        if (a.size() < out.size() || a != b) throw Error("the branches give different numbers or types of outputs");
        std::copy_n(a.begin(), out.size(), out.begin());
    }
    void infer(Shapes x, Shapes y, abi::IExprBuilder& builder) const {
        std::vector<Shape> all;
        for (int i = 0; i < x.count(); ++i)
            all.push_back(x[i]);
        const auto a = Subgraph(thenBranch).infer(captured(std::span<const Shape>(all), true), builder);
        const auto b = Subgraph(elseBranch).infer(captured(std::span<const Shape>(all), false), builder);
        for (int i = 0; i < y.count(); ++i)
            y[i] = agreement(a.at(static_cast<std::size_t>(i)), b.at(static_cast<std::size_t>(i)));
    }
    void run(const Launch& l) const {
        if (l.input<bool>(0).size() != 1) throw Error("the condition must be one element");
        std::vector<abi::FieldTensor> all;
        for (int i = 0; i < l.inputCount(); ++i)
            all.push_back(inputTensor(l, i));
        const bool isTrue = l.input<bool>(0)[0];
        const auto y = Subgraph(isTrue ? thenBranch : elseBranch).run(captured(std::span<const abi::FieldTensor>(all), isTrue));
        for (int i = 0; i < l.outputCount(); ++i)
            if (l.hasOutput(i)) keep(l, i, OwnedTensor(y.at(static_cast<std::size_t>(i))));
    }

private:
    // What a branch uses of the outer tensors, which follow the condition: first those of else_branch.
    template <class T>
    std::vector<T> captured(std::span<const T> in, bool isThen) const {
        const auto before = static_cast<std::size_t>(Subgraph(elseBranch).capturedCount());
        const auto behind = static_cast<std::size_t>(Subgraph(thenBranch).capturedCount());
        if (in.size() < 1 + before + behind) throw Error("outer tensors of the branches are missing");
        const auto first = in.end() - static_cast<std::ptrdiff_t>(isThen ? behind : before + behind);
        return {first, first + static_cast<std::ptrdiff_t>(isThen ? behind : before)};
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(if, tenon::reference::If)
