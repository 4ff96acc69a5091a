#!/bin/sh
# Runs the C SDK's sample under Valgrind, as IOTHUB_SAMPLE of c-sdk.sh; IOTHUB_CHECKED is the sample itself, with
# its whole path. The sample never ends, so it is ended once its transfer has succeeded: Valgrind then reports what
# was never freed.
set -eu

valgrind -q --leak-check=full --show-leak-kinds=definite "${IOTHUB_CHECKED:?the whole path of the sample}" \
    > valgrind.log 2>&1 &
while kill -0 $! 2> /dev/null; do
    ! grep -q 'resource [a-z]*load success' valgrind.log || kill -TERM $!
    sleep 0.5
done
cat valgrind.log
