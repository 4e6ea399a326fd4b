# socket-real-programs.sh -- sshd for each connection, daemons with LISTEN_FDS
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

PATH=$PATH:/usr/sbin:/sbin
peer=${abs_top_builddir:?}/tests/system/peer
port=$("$peer" free-port)

for program in sshd ssh ssh-keygen uuidd uuidgen
do
  command -v $program > /dev/null || skip "no $program"
done
test "$(id -u)" -eq 0 || skip "sshd needs root to separate privileges"
sshd=$(command -v sshd)
uuidd=$(command -v uuidd)

# A server of our own, with nothing of the machine's.
ssh-keygen -q -t ed25519 -N '' -f "$directory/host-key"
ssh-keygen -q -t ed25519 -N '' -f "$directory/key"
cp key.pub authorized
chmod 600 authorized
chmod 755 "$directory"
cat > sshd_config <<END
HostKey $directory/host-key
AuthorizedKeysFile $directory/authorized
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PrintMotd no
PidFile none
SetEnv FROM_SSHD=yes
END
user=$(id -un)
printf '[127.0.0.1]:%s,[::1]:%s %s\n' "$port" "$port" \
  "$(cut -d ' ' -f 1,2 host-key.pub)" > known
# Where sshd shuts in what talks to strangers.
mkdir -p /run/sshd

start_daemon <<END
(register-services
 (list (service '(ssh)
         #:start (make-inetd-constructor
                  '("$sshd" "-i" "-f" "$directory/sshd_config")
                  (list (endpoint (make-socket-address AF_INET INADDR_LOOPBACK
                                                       $port))
                        (endpoint (make-socket-address AF_INET6 1 $port))))
         #:stop (make-inetd-destructor))
       (service '(uuidd)
         #:respawn? #t
         #:start (make-systemd-constructor
                  '("$uuidd" "--socket-activation" "--debug")
                  (list (endpoint (make-socket-address
                                   AF_UNIX "$directory/run/uuidd.sock"))))
         #:stop (make-systemd-destructor))))
END

login ()
{
  ssh -F none -i "$directory/key" -p "$port" -o BatchMode=yes \
    -o UserKnownHostsFile="$directory/known" -o StrictHostKeyChecking=yes \
    -o IdentitiesOnly=yes -o ConnectTimeout=30 "$@" 2> "$directory/ssh.err"
}

check "the SSH server starts" quietly herd start ssh
# shellcheck disable=SC2016  # for the other side
check "a login by IPv4" equal "$user yes 127.0.0.1" \
  "$(login "$user@127.0.0.1" \
       'echo $(id -un) $FROM_SSHD ${SSH_CONNECTION%% *}')"
# shellcheck disable=SC2016
check "a login by IPv6" equal "$user yes ::1" \
  "$(login "$user@::1" 'echo $(id -un) $FROM_SSHD ${SSH_CONNECTION%% *}')"

# A session that lasts.
mkfifo hold
login "$user@127.0.0.1" 'echo ready; cat; echo finished' < hold > session &
session=$!
exec 8> hold
said ()
{
  grep -q "$1" session
}
eventually said ready
check "a session is a service" is_running sshd-3
check "a restart of the server" quietly herd restart ssh
echo still here >&8
check "leaves it alone" eventually said 'still here'
check "so does the end of the server" quietly herd stop ssh
check "where nobody can log in then" fails login "$user@127.0.0.1" true
exec 8>&-
check "the session ends when its user says" wait "$session"
check "normally" said finished
check "and is gone" eventually fails quietly herd status sshd-3

# A daemon that inherits its socket.
identifier ()
{
  "$uuidd" --random --socket "$directory/run/uuidd.sock"
}
identified ()
{
  matches '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' "$(identifier)"
}
check "uuidd is there when it is needed" quietly herd start uuidd
check "not before" equal "" "$(pid_of uuidd)"
check "it answers the first client" identified
check "as a process" eventually status_matches uuidd 'Main PID'
pid=$(pid_of uuidd)
check "and the next one" identified
check "which is the same" equal "$pid" "$(pid_of uuidd)"
kill "$pid"
check "when it ends, clients wait for the next" identified
check "a restart" quietly herd restart uuidd
check "is not noticed" identified
check "the daemon ends" stop_daemon
finish
