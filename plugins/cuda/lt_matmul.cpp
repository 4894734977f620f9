#include "lt_matmul.h"

#include "tf32.h"

namespace tenon::cuda {

namespace {
void checkLt(cublasStatus_t status) {
    if (status != CUBLAS_STATUS_SUCCESS)
        throw sdk::Error(std::string("cuBLASLt: ") + cublasLtGetStatusString(status),
                         status == CUBLAS_STATUS_NOT_SUPPORTED ? abi::Status::declined : abi::Status::deviceError);
}

// One for the process: cuBLASLt's calls may share a handle between threads. Never destroyed, as the library is never unloaded.
cublasLtHandle_t ltHandle() {
    static const cublasLtHandle_t handle = [] {
        cublasLtHandle_t h = nullptr;
        checkLt(cublasLtCreate(&h));
        return h;
    }();
    return handle;
}

cudaDataType_t ltType(abi::DataType type) {
    switch (type) {
        case abi::DataType::f32: return CUDA_R_32F;
        case abi::DataType::f16: return CUDA_R_16F;
        case abi::DataType::bf16: return CUDA_R_16BF;
        case abi::DataType::f64: return CUDA_R_64F;
        default: throw sdk::declined(std::string("cuBLASLt is not used for ") + sdk::typeName(type));
    }
}

template <class T>
void set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, const T& value) {
    checkLt(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value));
}

// A row-major matrix of `rows` x `columns` is a column-major one of columns x rows.
void describe(cublasLtMatrixLayout_t layout, const MatmulShape& s, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
    checkLt(cublasLtMatrixLayoutInit(layout, ltType(s.type), static_cast<std::uint64_t>(columns),
                                     static_cast<std::uint64_t>(rows), columns));
    const auto batch = static_cast<std::int32_t>(s.batch);
    checkLt(cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch, sizeof batch));
    checkLt(cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride));
}

class Preference {
public:
    explicit Preference(const MatmulShape& s) {
        checkLt(cublasLtMatmulPreferenceInit(&preference_));
        set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, LtMatmul::kMostWorkspace);
        for (const auto attribute : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                                     CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
            set(attribute, static_cast<std::uint32_t>(s.alignment));
    }
    cublasLtMatmulPreference_t get() { return &preference_; }

private:
    template <class T>
    void set(cublasLtMatmulPreferenceAttributes_t attribute, const T& value) {
        checkLt(cublasLtMatmulPreferenceSetAttribute(&preference_, attribute, &value, sizeof value));
    }
    cublasLtMatmulPreferenceOpaque_t preference_{};
};
}  // namespace

// Y = A B row-major is Y' = B' A' column-major: the operands change places.
LtMatmul::LtMatmul(const MatmulShape& shape) : shape_(shape) {
    const MatmulShape& s = shape_;
    if (s.batch > INT32_MAX) throw sdk::declined("cuBLASLt's batches are below 2^31");
    const bool isDouble = s.type == abi::DataType::f64;
    const cublasComputeType_t compute = isDouble   ? CUBLAS_COMPUTE_64F
                                        : s.isTf32 ? CUBLAS_COMPUTE_32F_FAST_TF32
                                                   : CUBLAS_COMPUTE_32F;
    checkLt(cublasLtMatmulDescInit(&operation_, compute, isDouble ? CUDA_R_64F : CUDA_R_32F));
    set(&operation_, CUBLASLT_MATMUL_DESC_TRANSA, s.transposeB ? CUBLAS_OP_T : CUBLAS_OP_N);
    set(&operation_, CUBLASLT_MATMUL_DESC_TRANSB, s.transposeA ? CUBLAS_OP_T : CUBLAS_OP_N);
    if (s.hasBias) set(&operation_, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
    describe(&a_, s, s.transposeA ? s.k : s.m, s.transposeA ? s.m : s.k, s.strideA);
    describe(&b_, s, s.transposeB ? s.n : s.k, s.transposeB ? s.k : s.n, s.strideB);
    describe(&y_, s, s.m, s.n, s.strideY);
    Preference preference(s);
    constexpr int kWanted = 8;
    algorithms_.resize(kWanted);
    int found = 0;
    const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(ltHandle(), &operation_, &b_, &a_, &y_, &y_, preference.get(),
                                                                 kWanted, algorithms_.data(), &found);
    algorithms_.resize(status == CUBLAS_STATUS_SUCCESS ? static_cast<std::size_t>(found) : 0);
    std::erase_if(algorithms_, [](const auto& r) { return r.state != CUBLAS_STATUS_SUCCESS; });
    if (algorithms_.empty()) throw sdk::declined("cuBLASLt has no algorithm for this product");
}

void LtMatmul::run(int algorithm, const Operands& o, cudaStream_t stream) const {
    const cublasLtMatmulHeuristicResult_t* chosen = &at(algorithm);
    for (const auto& other : algorithms_)
        if (chosen->workspaceSize > o.workspaceSize && other.workspaceSize <= o.workspaceSize) chosen = &other;
    // Copies: the bias belongs to this call, and cuBLASLt takes no const descriptors.
    auto operation = operation_;
    auto a = a_, b = b_, y = y_;
    if (shape_.hasBias) set(&operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, o.bias);
    const double alpha64 = o.alpha, beta64 = o.beta;
    const bool isDouble = shape_.type == abi::DataType::f64;
    const void* alpha = isDouble ? static_cast<const void*>(&alpha64) : &o.alpha;
    const void* beta = isDouble ? static_cast<const void*>(&beta64) : &o.beta;
    checkLt(cublasLtMatmul(ltHandle(), &operation, alpha, o.b, &b, o.a, &a, beta, o.y, &y, o.y, &y, &chosen->algo, o.workspace,
                           o.workspaceSize, stream));
}

namespace {
constexpr std::string_view kPrefix = "heuristic_", kTf32 = "_tf32";
}

MatmulTactic parseMatmulTactic(const std::string& name) {
    MatmulTactic t;
    if (!name.starts_with(kPrefix)) return t;
    t.algorithm = std::atoi(name.c_str() + kPrefix.size());
    t.isTf32 = name.ends_with(kTf32);
    return t;
}

std::vector<sdk::Tactic> matmulTactics(MatmulShape shape) {
    std::vector<sdk::Tactic> list;
    const auto offer = [&](const std::string& suffix) {
        const int count = LtMatmul(shape).algorithmCount();
        for (int i = 0; i < count; ++i)
            list.push_back({std::string(kPrefix) + std::to_string(i) + suffix});
    };
    shape.isTf32 = false;
    offer("");
    if (shape.type != abi::DataType::f32) return list;
    shape.isTf32 = true;
    if (tf32Allowed()) offer(std::string(kTf32));
    else list.push_back({std::string(kPrefix) + "0" + std::string(kTf32), kTf32Refusal});
    return list;
}

}  // namespace tenon::cuda
