// Dims of the experimental operators that make a tensor from attributes.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::legacy {

// The dims are the content of the input where input_as_shape is set, else those of the input if there is one, else the attribute
// shape; extra_shape follows.
struct FilledShape {
    std::vector<std::int64_t> shape, extra;
    bool inputIsShape = false;

    sdk::Shape dims(sdk::Shapes x) const {
        sdk::Shape y = sdk::Shape::ofRank(0);
        if (!x.has(0)) {
            if (inputIsShape) throw sdk::Error("input_as_shape is set, and there is no input");
            append(y, shape);
        } else if (inputIsShape) {
            if (x[0].rank() > 1) throw sdk::Error("the input must be a list of dims");
            if (!x[0].content) throw sdk::Unresolved{};
            for (const sdk::Dim& d : *x[0].content)
                append(y, d);
        } else {
            y = x[0].dims();
        }
        append(y, extra);
        return y;
    }

private:
    static void append(sdk::Shape& y, const sdk::Dim& d) {
        if (d.isConstant() && d.value() < 0) throw sdk::Error("the shape has an entry " + std::to_string(d.value()));
        y.append(d);
    }
    static void append(sdk::Shape& y, const std::vector<std::int64_t>& list) {
        for (const std::int64_t d : list)
            append(y, sdk::Dim(d));
    }
};

}  // namespace tenon::legacy
