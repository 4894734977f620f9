// The same tensor in another memory layout (tenon::Reformat).
#include "kernel.h"

namespace tenon::onednn {
using namespace sdk;

struct Reformat : Kernel {
    static constexpr Identity identity{.name = abi::kReformatName, .since = 1, .domain = abi::kReformatDomain};
    static constexpr Slot T = var('T', f32 | i32 | u32 | i8 | u8 | boolean);
    static constexpr auto formats = rows(row(T.with(kAllLayouts), T.with(kAllLayouts)));

    void configure(const Layer& layer) {
        prepare(layer, [&](const Instance& at, Calls& calls) {
            if (at.output().elements() == 0) return;
            const memory::desc from = descOf(elementsOnly(at.input(0))), to = descOf(elementsOnly(at.output()));
            const dnnl::reorder::primitive_desc pd(cpu(), from, cpu(), to, userScratchpad());
            calls.add(pd, {{DNNL_ARG_FROM, from, Place::input}, {DNNL_ARG_TO, to, Place::output}});
        });
    }

private:
    // Only the size of an element matters to a copy.
    static Tensor elementsOnly(const Tensor& t) {
        Tensor flat = flattenSpatial(t);
        flat.type = elementBits(t.type) == 8 ? DataType::u8 : t.type == DataType::u32 ? DataType::i32 : t.type;
        return flat;
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(reformat, tenon::onednn::Reformat)
