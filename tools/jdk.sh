# Sourced by the scripts that start Java: find_jdk prints the directory of a JDK, or says what is missing.

readonly JAVA_WANTED=25

# Succeeds if the directory holds a JDK that is new enough; reads its release file, since starting it takes longer.
is_jdk() {
    local line version=
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while read -r line; do
        case $line in JAVA_VERSION=*) version=${line#JAVA_VERSION=\"} ;; esac
    done <"$1/release"
    version=${version%%[!0-9]*}
    [ -n "$version" ] && [ "$version" -ge "$JAVA_WANTED" ]
}

find_jdk() {
    local dir javac
    javac=$(command -v javac) && javac=$(readlink -f "$javac") || javac=
    for dir in "${JAVA_HOME:-}" "${javac%/bin/javac}" /usr/lib/jvm/* /opt/* /opt/*/* \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
        if is_jdk "$dir"; then
            printf %s "$dir"
            return
        fi
    done
    printf '%s\n' "No JDK $JAVA_WANTED or later in JAVA_HOME, on PATH, in /usr/lib/jvm, /opt or ~/.sdkman." \
        "Install one (https://adoptium.net) or set JAVA_HOME." >&2
    return 1
}
