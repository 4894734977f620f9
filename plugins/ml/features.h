// The matrix [rows, columns] of features that ONNX-ML operators take; a vector is one row.
#pragma once

#include <tenon/sdk/sdk.h>

#include <cmath>
#include <optional>

namespace tenon::ml {

inline constexpr sdk::TypeSet featureTypes = sdk::f32 | sdk::f64 | sdk::i64 | sdk::i32;

struct Features {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
};

inline void checkFeatureRank(int rank) {
    if (rank != 1 && rank != 2) throw sdk::Error("features are a vector or a matrix, found rank " + std::to_string(rank));
}
inline Features featuresOf(const abi::TensorDesc& desc) {
    checkFeatureRank(desc.dims.rank);
    return desc.dims.rank == 1 ? Features{1, desc.dims.d[0]} : Features{desc.dims.d[0], desc.dims.d[1]};
}
inline sdk::Dim rowsOf(const sdk::Shape& x) {
    checkFeatureRank(x.rank());
    return x.rank() == 1 ? sdk::Dim(1) : x[0];
}

// The number of columns, where it is known.
inline std::optional<std::int64_t> columnsOf(const sdk::Shape& x) {
    checkFeatureRank(x.rank());
    const sdk::Dim& columns = x[x.rank() - 1];
    return columns.isConstant() ? std::optional(columns.value()) : std::nullopt;
}

// The row of double numbers that row i of x holds.
template <class T>
void readRow(const T* x, std::int64_t columns, std::int64_t i, double* row) {
    for (std::int64_t c = 0; c < columns; ++c)
        row[c] = static_cast<double>(x[i * columns + c]);
}

// Calls body(i, row) with each row i of input 0 as doubles, rows in parallel; `work` is the cost of a row in multiplications.
template <class F>
void forRows(const sdk::Launch& l, std::int64_t work, F&& body) {
    const Features x = featuresOf(l.inputDesc(0));
    sdk::dispatch<featureTypes>(l.inputType(0), [&]<class T>() {
        const T* from = l.input<T>(0).data;
        const std::int64_t grain = std::max<std::int64_t>(1, 16384 / std::max<std::int64_t>(1, work));
        sdk::parallelFor(x.rows, grain, [&](std::int64_t begin, std::int64_t end) {
            std::vector<double> row(static_cast<std::size_t>(x.columns));
            for (std::int64_t i = begin; i < end; ++i) {
                readRow(from, x.columns, i, row.data());
                body(i, std::span<const double>(row));
            }
        });
    });
}

// A list attribute that states one value for every feature, or one for all: its entry for column c.
inline std::size_t entryOf(std::size_t entries, std::size_t c) { return entries == 1 ? 0 : c; }
inline void checkEntries(const char* name, std::size_t entries, std::int64_t columns) {
    if (entries != 1 && static_cast<std::int64_t>(entries) != columns)
        throw sdk::Error("attribute '" + std::string(name) + "' has " + std::to_string(entries) + " entries for " +
                         std::to_string(columns) + " features");
}

}  // namespace tenon::ml
