include(CMakeFindDependencyMacro)
include(${CMAKE_CURRENT_LIST_DIR}/TenonSDKTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/TenonPlugin.cmake)
