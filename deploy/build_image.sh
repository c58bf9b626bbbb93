#!/bin/sh
# Builds the image of the shop with Docker, podman or buildah, whichever works here.
#
#   EXTRAS         optional parts, separated by spaces: artifacts, traces, meaning, pictures
#   IMAGE          name of the image (shop:latest)
#   ENGINE         docker, podman or buildah, where several work
#   BUILD_OPTIONS  further options of the engine's build, such as --pull=false
set -eu
cd "$(dirname "$0")/.."
image=${IMAGE:-shop:latest}

for engine in ${ENGINE:-docker podman buildah}; do
    "$engine" info >/dev/null 2>&1 && break
    engine=
done
case $engine in
    docker) build="docker build" ;;
    # Only Docker's format keeps the image's check of health.
    podman) build="podman build --format docker" ;;
    buildah) build="buildah build --layers --format docker" ;;
    *)
        echo "Neither Docker nor podman nor buildah works here: install one, or start its service." >&2
        exit 1
        ;;
esac

echo "Building $image with $engine${EXTRAS:+, with $EXTRAS}"
# shellcheck disable=SC2086  # the options are several words
$build ${BUILD_OPTIONS:-} --build-arg "EXTRAS=${EXTRAS:-}" --tag "$image" --file Dockerfile .
echo "$image: $("$engine" images --format '{{.Size}}' "$image" | head -n 1)"
