// A library record as text: what the scan helper prints and the scan cache keeps. Values are tab-separated, one record item a
// line; tabs, newlines and backslashes are escaped.
#pragma once

#include <tenon/registry/registry.h>

namespace tenon {

std::string toText(const LibraryRecord& record);
// Throws Error when the text is not a whole record.
LibraryRecord recordFromText(std::string_view text);

}  // namespace tenon
