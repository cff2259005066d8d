#!/usr/bin/env bash
# Runs the tensor, derivative and modified-loss tests on a machine that has a GPU and a PyTorch, and neither .NET nor this repository.
#
#   scripts/run-on-gpu-machine.sh pack [--no-build] [FILE]
#       Builds the tests (not with --no-build) and packs them with this machine's .NET runtime into FILE, at most 50 MB of it;
#       out/noisescale-tests.tar.gz unless told otherwise. The ending chooses the compression, as tar understands it: .tar.xz is
#       smaller, and a bare machine may lack xz. There is no libtorch in it, which alone would be ten times as large.
#   scripts/run-on-gpu-machine.sh run FILE [DEVICE [ARGUMENT...]]
#       Unpacks FILE into a temporary folder and runs it there.
#
# Copy FILE to the GPU machine. This script does not have to be there, `run` is no more than
#
#   tar xf FILE && noisescale-tests/run.sh [DEVICE [ARGUMENT...]]
#
#   DEVICE     cuda (the default) or cpu. Where there is no CUDA device, cuda is an error: nothing falls back to the CPU.
#              CUDA_VISIBLE_DEVICES chooses among several.
#   ARGUMENT   handed to both test programs, for example --filter-test-list or --sequenced; they name theirs under --help.
#
# That machine needs Linux on x64 with glibc 2.34 or newer and libstdc++ of GCC 12 or newer; a libtorch for CUDA, in the folder that
# LIBTORCH_DIR names or else in python3's torch; and python3 for a look beforehand at whether that libtorch has what TorchSharp needs.
# How it ends: 0 all tests passed, 1 some did not, 2 they could not be run.
#
# State: run on a CPU from a cleared environment, with the libtorch this TorchSharp was built against. Not yet run on a GPU.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$here")
programs=(DiffSharp.Tests NoiseScale.Theory.Tests)
limit=50000000

fail() {
    echo "run-on-gpu-machine: $*" >&2
    exit 2
}

help() { sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]}"; }

# The folder of a .NET installation: host, shared and the program dotnet itself.
dotnet_root() {
    if [[ -n ${DOTNET_ROOT:-} ]]; then
        echo "$DOTNET_ROOT"
    else
        local program
        program=$(command -v dotnet) || fail "there is no dotnet in PATH, and DOTNET_ROOT names none"
        dirname "$(readlink -f "$program")"
    fi
}

# The newest of the versions that a folder holds, among those that begin like the second argument.
newest() {
    local versions
    versions=$(find "$1" -mindepth 1 -maxdepth 1 -type d -name "$2*" -printf '%f\n' 2>/dev/null | sort -V)
    [[ -n $versions ]] || fail "there is no version $2… in $1"
    tail -n 1 <<<"$versions"
}

copy_runtime() {
    local root=$1 to=$2 runtime resolver
    [[ -x $root/dotnet ]] || fail "there is no program dotnet in $root: let DOTNET_ROOT name the folder of a .NET installation"
    runtime=$(newest "$root/shared/Microsoft.NETCore.App" 10.)
    resolver=$(newest "$root/host/fxr" "")
    mkdir -p "$to/shared/Microsoft.NETCore.App" "$to/host/fxr"
    cp "$root/dotnet" "$to/"
    cp -r "$root/host/fxr/$resolver" "$to/host/fxr/"
    cp -r "$root/shared/Microsoft.NETCore.App/$runtime" "$to/shared/Microsoft.NETCore.App/"
    echo ".NET runtime $runtime"
}

# A built test program, without what it does not need on Linux. The XML files stay: tests read the documentation in them.
copy_program() {
    local built=$repository/tests/$1/bin/Release/net10.0 to=$2/$1
    [[ -f $built/$1.dll ]] || fail "$1 has not been built: run pack without --no-build"
    mkdir -p "$to/runtimes"
    find "$built" -mindepth 1 -maxdepth 1 -type f ! -name '*.pdb' -exec cp -t "$to" {} +
    cp -r "$built/runtimes/linux-x64" "$to/runtimes/"
}

pack() {
    local build=true file=$repository/out/noisescale-tests.tar.gz work root version size
    if [[ ${1:-} == --no-build ]]; then
        build=false
        shift
    fi
    (($# <= 1)) || fail "pack takes one file, not $#: $*"
    file=${1:-$file}
    [[ $file != -* ]] || fail "pack knows no option $file"
    [[ $(uname -sm) == "Linux x86_64" ]] || fail "packs the runtime of the machine it runs on, which has to be Linux on x64"

    if $build; then
        for program in "${programs[@]}"; do
            dotnet build "$repository/tests/$program" -c Release -v quiet -nologo
        done
    fi

    work=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder as it is named now
    trap "rm -rf '$work'" EXIT
    local tree=$work/noisescale-tests
    mkdir -p "$tree"
    root=$(dotnet_root)
    copy_runtime "$root" "$tree/dotnet"
    for program in "${programs[@]}"; do
        copy_program "$program" "$tree/tests"
    done
    cp "$here/gpu-machine/run.sh" "$here/gpu-machine/missing-symbols.py" "$tree/"

    # Where the tests look for a packaged libtorch depends on the version; run.sh has to know it.
    version=$(sed -n 's/^let LibTorchPackageVersion = "\(.*\)"$/\1/p' "$repository/src/DiffSharp/Native/LibrarySearch.fs")
    [[ -n $version ]] || fail "src/DiffSharp/Native/LibrarySearch.fs no longer says LibTorchPackageVersion"
    echo "$version" >"$tree/libtorch-version"

    if [[ -n $(find "$tree" -name 'libtorch*.so*' -o -name 'libc10*.so*') ]]; then
        fail "a libtorch lies in the output of the tests, and must not: $(find "$tree" -name 'libtorch*.so*' -o -name 'libc10*.so*')"
    fi

    mkdir -p "$(dirname "$file")"
    tar --create --auto-compress --file "$file" --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner noisescale-tests
    size=$(stat -c %s "$file")
    echo "$file: $size bytes, $(((size + 999999) / 1000000)) MB"
    if ((size > limit)); then
        rm "$file"
        fail "that is more than $((limit / 1000000)) MB, and has been removed; an ending .tar.xz compresses further"
    fi
}

run() {
    (($# >= 1)) || fail "run which file? See --help"
    [[ -f $1 ]] || fail "there is no file $1"
    local file=$1 work
    shift
    work=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    tar --extract --file "$file" --directory "$work" || fail "$file cannot be unpacked"
    [[ -x $work/noisescale-tests/run.sh ]] || fail "$file was not made by pack: it holds no noisescale-tests/run.sh"
    "$work/noisescale-tests/run.sh" "$@"
}

case ${1:-} in
    pack | run) "$@" ;;
    -h | --help | help) help ;;
    "") help >&2; exit 2 ;;
    *) fail "no such verb: $1 (pack or run; see --help)" ;;
esac
