include(CMakeFindDependencyMacro)
find_dependency(TenonSDK HINTS ${CMAKE_CURRENT_LIST_DIR}/../TenonSDK)
include(${CMAKE_CURRENT_LIST_DIR}/TenonTargets.cmake)
