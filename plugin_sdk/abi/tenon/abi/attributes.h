// Attributes of a layer, typed, as they cross the boundary.
#pragma once

#include <tenon/abi/types.h>

namespace tenon::abi {

class ISubgraph;  // extensions.h

enum class FieldType : int32_t {
    none = 0,
    float32 = 1,  // data: const float*
    int64 = 2,    // const int64_t*
    string = 3,   // const StringRef*
    tensor = 4,   // const FieldTensor*
    graph = 5,    // ISubgraph* const*
};

// One attribute. A scalar has length 1 and isList false; a list may be empty. The data belongs to the caller and is
// valid during the call it is passed to.
struct Field {
    const char* name;
    FieldType type;
    int32_t isList;
    const void* data;
    int64_t length;  // elements
};

// What a creator says about one attribute that it takes; static data of the library.
struct FieldDecl {
    uint32_t id;  // permanent: the key in serialized plugins
    int32_t required;
    const char* name;
    FieldType type;
    int32_t isList;
    const char* defaultText;  // printable; null when required or absent by default
    const char* help;
};

}  // namespace tenon::abi
