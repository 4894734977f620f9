// A shared library, but no plugin library.
extern "C" __attribute__((visibility("default"))) int somethingElse();
int somethingElse() { return 1; }
