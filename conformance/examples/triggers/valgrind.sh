#!/bin/sh
# Runs the C SDK's sample under Valgrind. Use this script as IOTHUB_SAMPLE of c-sdk.sh, and set IOTHUB_CHECKED to the
# absolute path of the sample itself. The sample never ends, so this script ends it after a successful transfer.
# Valgrind then reports the memory that was never freed.
set -eu

valgrind -q --leak-check=full --show-leak-kinds=definite "${IOTHUB_CHECKED:?must be the absolute path of the sample}" \
    > valgrind.log 2>&1 &
while kill -0 $! 2> /dev/null; do
    ! grep -q 'resource [a-z]*load success' valgrind.log || kill -TERM $!
    sleep 0.5
done
cat valgrind.log
