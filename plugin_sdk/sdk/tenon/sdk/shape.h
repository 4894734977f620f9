// Shapes over symbolic dimensions, as shape rules see them.
#pragma once

#include <tenon/sdk/number.h>

#include <array>
#include <initializer_list>
#include <optional>
#include <vector>

namespace tenon::sdk {

// One dimension: a number, an expression, or unknown. Arithmetic folds constants; anything with an unknown is unknown.
class Dim {
public:
    Dim(std::int64_t value = 0) : value_(value), known_(true) {}  // NOLINT: y[0] = Shape{n, 3}
    Dim(const abi::IDimExpr* expr, abi::IExprBuilder* builder) : expr_(expr), builder_(builder), known_(expr != nullptr) {
        if (known_ && expr->isConstant()) {
            value_ = expr->constantValue();
            expr_ = nullptr;
        }
    }
    static Dim unknown() {
        Dim d;
        d.known_ = false;
        return d;
    }
    bool isKnown() const { return known_; }
    bool isConstant() const { return known_ && expr_ == nullptr; }
    bool is(std::int64_t value) const { return isConstant() && value_ == value; }
    // The number. Throws Unresolved when it is not known yet.
    std::int64_t value() const {
        if (!isConstant()) throw Unresolved{};
        return value_;
    }
    const abi::IDimExpr* lower(abi::IExprBuilder* builder) const {
        if (!known_) return nullptr;
        return expr_ != nullptr ? expr_ : builder->constant(value_);
    }
    // The same number or the same expression object; false negatives are possible for expressions.
    bool same(const Dim& other) const {
        if (!known_ || !other.known_ || expr_ != other.expr_) return false;
        return expr_ != nullptr || value_ == other.value_;
    }

    friend Dim operator+(const Dim& a, const Dim& b) { return combine(abi::DimOp::sum, a, b); }
    friend Dim operator-(const Dim& a, const Dim& b) { return combine(abi::DimOp::sub, a, b); }
    friend Dim operator*(const Dim& a, const Dim& b) { return combine(abi::DimOp::prod, a, b); }
    friend Dim floorDiv(const Dim& a, const Dim& b) { return combine(abi::DimOp::floorDiv, a, b); }
    friend Dim ceilDiv(const Dim& a, const Dim& b) { return combine(abi::DimOp::ceilDiv, a, b); }
    friend Dim min(const Dim& a, const Dim& b) { return combine(abi::DimOp::min, a, b); }
    friend Dim max(const Dim& a, const Dim& b) { return combine(abi::DimOp::max, a, b); }
    friend Dim equal(const Dim& a, const Dim& b) { return combine(abi::DimOp::equal, a, b); }  // 1 or 0
    friend Dim less(const Dim& a, const Dim& b) { return combine(abi::DimOp::less, a, b); }

private:
    static Dim combine(abi::DimOp op, const Dim& a, const Dim& b) {
        if (!a.known_ || !b.known_) return unknown();
        if (a.expr_ == nullptr && b.expr_ == nullptr) return fold(op, a.value_, b.value_);
        abi::IExprBuilder* builder = a.builder_ != nullptr ? a.builder_ : b.builder_;
        return {builder->operation(op, a.lower(builder), b.lower(builder)), builder};
    }
    static Dim fold(abi::DimOp op, std::int64_t a, std::int64_t b);

    std::int64_t value_ = 0;
    const abi::IDimExpr* expr_ = nullptr;
    abi::IExprBuilder* builder_ = nullptr;
    bool known_ = false;
};

inline std::int64_t floorDivide(std::int64_t a, std::int64_t b) {
    return a / b - static_cast<std::int64_t>(a % b != 0 && (a < 0) != (b < 0));
}

inline Dim Dim::fold(abi::DimOp op, std::int64_t a, std::int64_t b) {
    std::int64_t r = 0;
    switch (op) {
        case abi::DimOp::sum: return __builtin_add_overflow(a, b, &r) ? throw Error("a dimension overflows 64 bits") : Dim(r);
        case abi::DimOp::sub: return __builtin_sub_overflow(a, b, &r) ? throw Error("a dimension overflows 64 bits") : Dim(r);
        case abi::DimOp::prod: return __builtin_mul_overflow(a, b, &r) ? throw Error("a dimension overflows 64 bits") : Dim(r);
        case abi::DimOp::floorDiv: return b == 0 ? unknown() : Dim(floorDivide(a, b));
        case abi::DimOp::ceilDiv: return b == 0 ? unknown() : Dim(-floorDivide(-a, b));
        case abi::DimOp::max: return a > b ? a : b;
        case abi::DimOp::min: return a < b ? a : b;
        case abi::DimOp::equal: return static_cast<std::int64_t>(a == b);
        case abi::DimOp::less: return static_cast<std::int64_t>(a < b);
    }
    return unknown();
}

// Shape of a tensor, with its content where that is known. `y[0] = x[0].dims()` copies the dims only.
class Shape {
public:
    Shape() = default;
    Shape(std::initializer_list<Dim> dims) : rank_(0) {
        for (const Dim& d : dims)
            append(d);
    }
    explicit Shape(const std::vector<Dim>& dims) : rank_(0) {
        for (const Dim& d : dims)
            append(d);
    }
    static Shape ofRank(int rank) {
        Shape s;
        s.rank_ = 0;
        for (int i = 0; i < rank; ++i)
            s.append(Dim::unknown());
        return s;
    }
    // Dims without content.
    Shape dims() const {
        Shape s;
        s.rank_ = rank_;
        s.dim_ = dim_;
        return s;
    }

    DataType type = DataType::undefined;      // of inputs
    const void* data = nullptr;               // of inputs: whole content when known, linear
    std::optional<std::vector<Dim>> content;  // integers and bools, element by element

    bool present() const { return type != DataType::undefined; }
    bool hasRank() const { return rank_ >= 0; }
    int rank() const {
        if (rank_ < 0) throw Unresolved{};
        return rank_;
    }
    const Dim& operator[](int axis) const { return dim_.at(index(axis)); }
    Dim& operator[](int axis) { return dim_.at(index(axis)); }
    void append(const Dim& d) {
        if (rank_ < 0) rank_ = 0;
        if (rank_ >= abi::kMaxRank) throw Error("a tensor has more than " + std::to_string(abi::kMaxRank) + " dimensions");
        dim_[static_cast<std::size_t>(rank_++)] = d;
    }
    // Product of the dims in [first, last).
    Dim product(int first, int last) const {
        Dim p = 1;
        for (int i = first; i < last; ++i)
            p = p * (*this)[i];
        return p;
    }
    Dim elements() const { return product(0, rank()); }
    // `axis` in [-rank, rank) made non-negative; an error names it otherwise.
    int axis(std::int64_t a) const {
        const int r = rank();
        if (a < -r || a >= r)
            throw Error("axis " + std::to_string(a) + " is outside [" + std::to_string(-r) + ", " + std::to_string(r - 1) + "]");
        return static_cast<int>(a < 0 ? a + r : a);
    }
    // The content as numbers. Throws Unresolved when some are not known yet.
    std::vector<std::int64_t> integers() const {
        if (!content) throw Unresolved{};
        std::vector<std::int64_t> v;
        v.reserve(content->size());
        for (const Dim& d : *content)
            v.push_back(d.value());
        return v;
    }
    std::vector<double> numbers() const {
        const auto count = static_cast<std::size_t>(elements().value());
        if (data == nullptr) throw Unresolved{};
        std::vector<double> v(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (type == DataType::f32) v[i] = static_cast<const float*>(data)[i];
            else if (type == DataType::f64) v[i] = static_cast<const double*>(data)[i];
            else if (type == DataType::f16) v[i] = static_cast<const Float16*>(data)[i];
            else if (type == DataType::bf16) v[i] = static_cast<const BFloat16*>(data)[i];
            else v[i] = static_cast<double>(integers().at(i));
        }
        return v;
    }

private:
    std::size_t index(int axis) const {
        if (axis < 0 || axis >= rank())
            throw Error("a tensor of rank " + std::to_string(rank()) + " has no dimension " + std::to_string(axis));
        return static_cast<std::size_t>(axis);
    }
    int rank_ = -1;
    std::array<Dim, abi::kMaxRank> dim_;
};

// From the boundary's form of a shape, and back.
inline Shape raise(const abi::SymbolicTensor& t, abi::IExprBuilder* builder) {
    Shape s;
    if (t.rank >= 0) s = Shape::ofRank(t.rank);
    for (int i = 0; i < t.rank; ++i)
        s[i] = Dim(t.dim[i], builder);
    s.type = t.type;
    s.data = t.data;
    if (t.valueCount >= 0) {
        s.content.emplace();
        for (std::int64_t i = 0; i < t.valueCount; ++i)
            s.content->push_back(Dim(t.values[i], builder));
    }
    return s;
}
inline void lower(const Shape& s, abi::SymbolicTensor& t, abi::IExprBuilder* builder) {
    t.rank = s.hasRank() ? s.rank() : -1;
    for (int i = 0; i < t.rank; ++i)
        t.dim[i] = s[i].lower(builder);
    if (!s.content) return;
    const auto count = static_cast<std::int64_t>(s.content->size());
    const abi::IDimExpr** values = builder->values(count);
    if (values == nullptr) return;
    for (std::int64_t i = 0; i < count; ++i)
        values[i] = (*s.content)[static_cast<std::size_t>(i)].lower(builder);
    t.values = values;
    t.valueCount = count;
}

// The shapes of a layer's inputs, or of its outputs.
class Shapes {
public:
    explicit Shapes(std::vector<Shape>& shapes) : shapes_(&shapes) {}
    int count() const { return static_cast<int>(shapes_->size()); }
    bool has(int i) const { return i < count() && (*shapes_)[static_cast<std::size_t>(i)].present(); }
    Shape& operator[](int i) const {
        if (i < 0 || i >= count()) throw Error("the layer has no tensor " + std::to_string(i));
        return (*shapes_)[static_cast<std::size_t>(i)];
    }

private:
    std::vector<Shape>* shapes_;
};

// Numpy's broadcasting of one dimension.
inline Dim broadcast(const Dim& a, const Dim& b) {
    if (a.is(1)) return b;
    if (b.is(1) || a.same(b)) return a;
    if (a.isConstant() && b.isConstant())
        throw Error("dimensions " + std::to_string(a.value()) + " and " + std::to_string(b.value()) + " do not broadcast");
    if (a.isConstant() && a.value() != 1) return a;
    if (b.isConstant() && b.value() != 1) return b;
    return a.isKnown() && b.isKnown() ? max(a, b) : Dim::unknown();
}

// Numpy's broadcasting of two shapes (ONNX: multidirectional broadcasting).
inline Shape broadcast(const Shape& a, const Shape& b) {
    const int rank = std::max(a.rank(), b.rank());
    Shape out = Shape::ofRank(rank);
    for (int i = 0; i < rank; ++i) {
        const int ia = i - (rank - a.rank()), ib = i - (rank - b.rank());
        out[i] = broadcast(ia < 0 ? Dim(1) : a[ia], ib < 0 ? Dim(1) : b[ib]);
    }
    return out;
}

}  // namespace tenon::sdk
