// tenon-scan LIBRARY: opens one plugin library and prints its record. The registry runs it so that a broken library harms only
// this process.
#include <unistd.h>

#include <cstdio>

#include "manifest.h"
#include "record_text.h"

// Crashes are to be seen as the signals that they are.
#ifdef __SANITIZE_ADDRESS__
extern "C" const char* __asan_default_options() {
    return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0:detect_leaks=0";
}
#endif
#ifdef __SANITIZE_THREAD__
extern "C" const char* __tsan_default_options() {
    return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0";
}
#endif

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: tenon-scan LIBRARY\nprints what the library offers; used by Tenon's registry\n", stderr);
        return 2;
    }
    tenon::LibraryRecord record;
    try {
        record = tenon::readManifest(tenon::openLibrary(argv[1]), argv[1]);
    } catch (const tenon::Error& e) {
        record.path = argv[1];
        record.refused = e.what();
    }
    std::fputs(tenon::toText(record).c_str(), stdout);
    std::fflush(stdout);
    _exit(0);  // a library's destructors are not to be trusted
}
