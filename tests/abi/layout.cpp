// The binary contract's layouts, fixed for good: this file compiles as C++17 with nothing but the contract, or the contract
// changed.
#include <tenon/abi/creator.h>
#include <tenon/abi/device.h>
#include <tenon/abi/expr.h>
#include <tenon/abi/extensions.h>
#include <tenon/abi/fusion.h>
#include <tenon/abi/library.h>
#include <tenon/abi/plugin.h>

#include <cstddef>
#include <type_traits>

using namespace tenon::abi;

#define LAYOUT(type, size) \
    static_assert(sizeof(type) == size && std::is_standard_layout<type>::value && std::is_trivially_copyable<type>::value, #type)
#define MEMBER(type, member, offset) static_assert(offsetof(type, member) == offset, #type "::" #member)

static_assert(kAbiVersion == 1 && kMaxRank == 16 && kDataTypeCount == 25 && kLayoutCount == 7);
static_assert(sizeof(void*) == 8 && sizeof(DataType) == 4 && sizeof(Layout) == 4 && sizeof(Location) == 4 && sizeof(Status) == 4);
static_assert(static_cast<int>(DataType::f8e8m0) == 24 && static_cast<int>(Layout::opaque) == 6 &&
              static_cast<int>(Status::internal) == 6);
static_assert(static_cast<int>(FieldType::graph) == 5 && static_cast<int>(DimOp::less) == 8 &&
              static_cast<int>(CopyKind::deviceToDevice) == 2);

LAYOUT(Dims, 136);
MEMBER(Dims, d, 8);
LAYOUT(TensorDesc, 152);
MEMBER(TensorDesc, type, 136);
MEMBER(TensorDesc, layout, 140);
MEMBER(TensorDesc, location, 144);
LAYOUT(DynamicTensorDesc, 560);
MEMBER(DynamicTensorDesc, min, 152);
MEMBER(DynamicTensorDesc, opt, 288);
MEMBER(DynamicTensorDesc, max, 424);
LAYOUT(StringRef, 16);

LAYOUT(Field, 32);
MEMBER(Field, type, 8);
MEMBER(Field, data, 16);
MEMBER(Field, length, 24);
LAYOUT(FieldTensor, 168);
MEMBER(FieldTensor, data, 152);
LAYOUT(FieldDecl, 40);
MEMBER(FieldDecl, name, 8);
MEMBER(FieldDecl, type, 16);
MEMBER(FieldDecl, defaultText, 24);
MEMBER(FieldDecl, help, 32);

LAYOUT(SymbolicTensor, 160);
MEMBER(SymbolicTensor, rank, 4);
MEMBER(SymbolicTensor, dim, 8);
MEMBER(SymbolicTensor, valueCount, 136);
MEMBER(SymbolicTensor, values, 144);
MEMBER(SymbolicTensor, data, 152);

LAYOUT(LayerDescs, 24);
LAYOUT(EnqueueArgs, 64);
MEMBER(EnqueueArgs, inputs, 16);
MEMBER(EnqueueArgs, workspace, 32);
MEMBER(EnqueueArgs, stream, 48);
MEMBER(EnqueueArgs, inputCount, 56);

LAYOUT(CreatorInfo, 104);
MEMBER(CreatorInfo, sinceVersion, 16);
MEMBER(CreatorInfo, implementation, 24);
MEMBER(CreatorInfo, device, 48);
MEMBER(CreatorInfo, shapeInputs, 56);
MEMBER(CreatorInfo, minInputs, 72);
MEMBER(CreatorInfo, flags, 88);
MEMBER(CreatorInfo, fields, 96);
LAYOUT(LayerInfo, 24);
LAYOUT(FusionRule, 32);
LAYOUT(HostServices, 32);
MEMBER(HostServices, log, 8);
MEMBER(HostServices, report, 16);
MEMBER(HostServices, maxThreads, 24);
LAYOUT(Manifest, 80);
MEMBER(Manifest, name, 8);
MEMBER(Manifest, creators, 40);
MEMBER(Manifest, fusionRules, 56);
MEMBER(Manifest, creatorCount, 64);

// Interfaces hold a table of functions and nothing else.
template <class... Interface>
constexpr bool arePure() {
    return ((sizeof(Interface) == sizeof(void*) && std::is_abstract<Interface>::value &&
             !std::has_virtual_destructor<Interface>::value) &&
            ...);
}
static_assert(arePure<IPlugin, ICreator, IDevice, ISink, IDimExpr, IExprBuilder, ITactics, IPrepack, IAlias, ICost, IStrided,
                      IDynamicOutput, ISubgraph, ISubgraphUser, IEpilogue>());
