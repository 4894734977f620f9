// y = a followed by b, element by element with numpy's broadcasting (ONNX StringConcat opset 20 and later).
#include <broadcast.h>

#include "string_store.h"

namespace tenon::text {
using namespace sdk;

struct StringConcat {
    static constexpr Identity identity{.name = "StringConcat", .since = 20, .implementation = "reference"};
    static constexpr auto formats = rows(row(str, str, str));
    mutable StringStore store;
    void infer(Shapes x, Shapes y) const { y[0] = broadcast(x[0], x[1]); }
    void run(const Launch& l) const {
        const auto a = l.input<abi::StringRef>(0), b = l.input<abi::StringRef>(1);
        const auto y = l.output<abi::StringRef>(0);
        const reference::BroadcastLoops<2> loops(y.dims, {a.dims, b.dims});
        std::array<std::int64_t, 2> from{};
        store.fill(y, [&](std::int64_t i, std::string& text) {
            const std::int64_t column = i % loops.inner();
            if (column == 0) from = loops.offsets(i / loops.inner());
            text += textOf(a[from[0] + column * loops.step(0)]);
            text += textOf(b[from[1] + column * loops.step(1)]);
        });
    }
};

}  // namespace tenon::text

TENON_OPERATORS(string_concat, tenon::text::StringConcat)
