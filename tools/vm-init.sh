#!/bin/busybox sh
# The first process of the guest of tools/vm.mjs: the host's files, with places to write to.
b=/bin/busybox
$b mount -t devtmpfs dev /dev
for module in /modules/*; do $b insmod "$module"; done
share='-t 9p -o trans=virtio,version=9p2000.L,msize=512000'
$b mount $share,ro,cache=loose host /root || $b poweroff -f
cd /root
for each in run tmp var/lib var/tmp; do $b mount -t tmpfs -o mode=1777 tmpfs $each; done
$b mount -t proc proc proc
$b mount -t sysfs sys sys
$b mount -t tracefs tracefs sys/kernel/tracing
$b mount -t devtmpfs dev dev
$b mkdir -p dev/pts dev/shm run/shared
$b mount -t devpts devpts dev/pts
$b mount -t tmpfs -o mode=1777 tmpfs dev/shm
$b mount $share,cache=none shared run/shared
$b ip link set lo up
echo 2 > proc/sys/kernel/perf_event_paranoid # what the kernel has by itself; Debian's refuses users
$b stty -F dev/ttyS1 raw
export HOME=/tmp PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
$b setsid $b chroot . /bin/sh /run/shared/run.sh < dev/null 2>&1 | $b cat > dev/ttyS1 # not a terminal
$b poweroff -f
