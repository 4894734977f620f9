// What the operators of this family share: primitives made when a layer is configured, and their execution.
#pragma once

#include "memory.h"

#include <omp.h>

namespace tenon::onednn {

// Sets OpenMP's thread count of the calling thread; oneDNN must run a primitive with the count it was made for.
class ThreadScope {
public:
    explicit ThreadScope(int threads) : before_(omp_get_max_threads()), changed_(threads != before_) {
        if (changed_) omp_set_num_threads(threads);
    }
    ~ThreadScope() {
        if (changed_) omp_set_num_threads(before_);
    }
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;

private:
    int before_;
    bool changed_;
};

// One under the thread sanitizer, which cannot see how OpenMP synchronizes.
inline int hostThreads() {
#ifdef __SANITIZE_THREAD__
    return 1;
#else
    return sdk::host != nullptr && sdk::host->maxThreads != nullptr ? std::max(1, sdk::host->maxThreads()) : 1;
#endif
}

// Where an argument of a primitive lies: in an input or output of the layer, or in the workspace.
enum class Place { input, output, workspace };

struct Operand {
    int argument;  // DNNL_ARG_*
    memory::desc desc;
    Place place;
    int tensor = 0;            // index of the input or output
    std::uint64_t offset = 0;  // bytes from its start
};

// One primitive with its arguments. Copies share the primitive, and have memory objects of their own.
class Call {
public:
    Call(dnnl::primitive primitive, std::vector<Operand> operands)
        : primitive_(std::move(primitive)), operands_(std::move(operands)), stream_(cpu()) {
        makeArguments();
    }
    Call(const Call& other) : Call(other.primitive_, other.operands_) {}
    Call(Call&&) = default;
    Call& operator=(Call&&) = default;
    Call& operator=(const Call&) = delete;
    ~Call() = default;

    void run(const sdk::Launch& l, std::byte* workspace) {
        for (std::size_t i = 0; i < operands_.size(); ++i)
            memories_[i].set_data_handle(address(operands_[i], l, workspace));
        const auto status =
            dnnl_primitive_execute(primitive_.get(), stream_.get(), static_cast<int>(arguments_.size()), arguments_.data());
        if (status != dnnl_success)
            throw sdk::Error("oneDNN failed with status " + std::to_string(status), sdk::Status::internal);
    }

private:
    // oneDNN writes the padding of a memory object when its handle is set. Inputs are read-only and already have zeros
    // there, so a padded input is passed as plain bytes: primitives read with the descriptors they were made for.
    static memory::desc objectDesc(const Operand& o) {
        if (o.place != Place::input || !hasPadding(o.desc)) return o.desc;
        return {{static_cast<std::int64_t>(o.desc.get_size())}, memory::data_type::u8, memory::format_tag::a};
    }
    void makeArguments() {
        for (const Operand& o : operands_) {
            memories_.emplace_back(objectDesc(o), cpu(), static_cast<void*>(DNNL_MEMORY_NONE));
            arguments_.push_back({o.argument, memories_.back().get()});
        }
    }
    static void* address(const Operand& o, const sdk::Launch& l, std::byte* workspace) {
        const auto at = [&](const void* start) { return static_cast<std::byte*>(const_cast<void*>(start)) + o.offset; };
        if (o.place == Place::workspace) return at(workspace);
        return at(o.place == Place::input ? l.inputData(o.tensor) : l.outputData(o.tensor));
    }

    dnnl::primitive primitive_;
    std::vector<Operand> operands_;
    dnnl::stream stream_;
    std::vector<memory> memories_;
    std::vector<dnnl_exec_arg_t> arguments_;
};

// The primitives of a layer, in order, and the workspace they need.
class Calls {
public:
    // Offset of `size` bytes of workspace.
    std::uint64_t reserve(std::uint64_t size) {
        const std::uint64_t at = workspace_;
        workspace_ += (size + 63) / 64 * 64;
        return at;
    }
    void add(const dnnl::primitive_desc_base& pd, std::vector<Operand> operands) {
        const memory::desc scratchpad = pd.query_md(dnnl::query::scratchpad_md);
        if (scratchpad.get_size() > 0)
            operands.push_back({DNNL_ARG_SCRATCHPAD, scratchpad, Place::workspace, 0, reserve(scratchpad.get_size())});
        list_.emplace_back(dnnl::primitive(pd.get()), std::move(operands));
    }
    std::uint64_t workspace() const { return workspace_; }
    bool empty() const { return list_.empty(); }
    void run(const sdk::Launch& l, std::byte* workspace) {
        for (Call& call : list_)
            call.run(l, workspace);
    }

private:
    std::vector<Call> list_;
    std::uint64_t workspace_ = 0;
};

inline dnnl::primitive_attr userScratchpad() {
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attr;
}

// Runs body; what oneDNN cannot do becomes a reason to decline.
template <class F>
void orDecline(F&& body) {
    try {
        body();
    } catch (const dnnl::error& e) {
        if (e.status == dnnl_out_of_memory) throw std::bad_alloc();
        throw sdk::declined(std::string("oneDNN: ") + e.what());
    }
}

// Base of the operator structs: an operator says in configure() how its calls are made, and has workspace() and run() from here.
class Kernel {
public:
    std::uint64_t workspace(const sdk::Layer&) const { return workspace_; }
    void run(const sdk::Launch& l) const {
        if (calls_.empty()) return;
        if (l.workspaceSize() < calls_.workspace())
            throw sdk::Error("needs a workspace of " + std::to_string(calls_.workspace()) + " bytes, found " +
                                 std::to_string(l.workspaceSize()),
                             sdk::Status::internal);
        const ThreadScope scope(threads_);
        calls_.run(l, static_cast<std::byte*>(l.workspace()));
    }

protected:
    // Makes the calls with make(instance, calls) for the opt shapes, and finds the workspace for the whole profile.
    template <class Make>
    void prepare(const sdk::Layer& layer, Make&& make) {
        threads_ = hostThreads();
        const ThreadScope scope(threads_);
        const auto at = [&](ProfilePoint point) {
            Calls calls;
            orDecline([&] { make(instanceAt(layer, point), calls); });
            return calls;
        };
        calls_ = at(&abi::DynamicTensorDesc::opt);
        workspace_ = calls_.workspace();
        if (layer.isConcrete()) return;
        for (const ProfilePoint point : {&abi::DynamicTensorDesc::min, &abi::DynamicTensorDesc::max})
            workspace_ = std::max(workspace_, at(point).workspace());
    }

private:
    mutable Calls calls_;  // sets the addresses of each run
    std::uint64_t workspace_ = 0;
    int threads_ = 1;
};

}  // namespace tenon::onednn
