# herd.fish -- completion of herd's command line, for fish

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# What exists is asked of the daemon: in the locale C, herd prints it in a
# fixed form.  Without a daemon, only what all have is completed.

set -g __herd_options s/socket= n/log-history= N/service-name= \
    d/working-directory= E/environment-variable=+ log-file= user= group=

function __herd_ask --argument-names file
    set -l socket
    test -n "$file"; and set socket -s $file
    LC_ALL=C timeout 2 herd $socket $argv[2..] 2>/dev/null
end

# The services with one of the MARKS that herd status shows.
function __herd_services --argument-names file marks
    __herd_ask "$file" status | string replace -rf "^ [$marks] " ''
end

# What services can do beside what all can: of a service, or of any.
function __herd_actions --argument-names file
    __herd_ask "$file" detailed-status $argv[2..] \
        | string replace -rf '^  Custom actions?: ' '' | string split ' '
end

# The services that can do ACTION.
function __herd_able --argument-names file action
    for line in (__herd_ask "$file" detailed-status)
        switch $line
            case 'Status of *:'
                set name (string replace -r '^Status of (.*):$' '$1' -- $line)
            case "  Custom action*: $action" "  Custom action*: $action *" \
                "  Custom action*: * $action" "  Custom action*: * $action *"
                printf '%s\n' $name
        end
    end
end

function __herd_words
    set -l tokens (commandline -opc)
    argparse -i $__herd_options -- $tokens[2..] 2>/dev/null; or return
    set -l file (string replace -r '^~/' "$HOME/" -- "$_flag_socket[-1]")
    set -l all '-+^v*!'

    switch (count $argv)":$argv[1]"
        case '0:*'
            printf '%s\n' backtrace daemonize detailed-status disable doc \
                enable eval graph halt help kexec load log power-off reexec \
                reload restart start status stop unload
            __herd_actions "$file"
        case 1:start
            __herd_services "$file" '-v*!'
        case 1:stop
            __herd_services "$file" '+^'
        case 1:{backtrace,detailed-status,disable,doc,enable,restart,status}
            __herd_services "$file" $all
        case 1:{daemonize,eval,graph,halt,help,kexec,load,log} \
            1:{power-off,reexec,reload,unload}
            echo root
        case '1:*'
            __herd_able "$file" $argv[1]
        case 2:doc
            printf '%s\n' action full list-actions short
        case '*:doc'
            test "$argv[3]" = action; and __herd_actions "$file" $argv[2]
        case 2:unload
            __herd_services "$file" $all
            echo all
    end
end

# What is passed on may be anything.
function __herd_passes_on
    set -l tokens (commandline -opc)
    argparse -i $__herd_options -- $tokens[2..] 2>/dev/null; or return
    test (count $argv) -ge 2; and not contains -- $argv[1] doc unload
end

complete -c herd -f -a '(__herd_words)'
complete -c herd -n __herd_passes_on -F
complete -c herd -s s -l socket -r -F \
    -d 'Talk to shepherd through the socket FILE'
complete -c herd -s n -l log-history -x \
    -d 'Show NUMBER log lines, timer runs and exits'
complete -c herd -s N -l service-name -x \
    -d 'Name the service that is made NAME'
complete -c herd -s d -l working-directory -x \
    -a '(__fish_complete_directories)' -d 'Run it in DIRECTORY'
complete -c herd -s E -l environment-variable -x \
    -d 'Add VARIABLE=VALUE to its environment'
complete -c herd -l log-file -r -F -d 'Write its output to FILE'
complete -c herd -l user -x -a '(__fish_complete_users)' -d 'Run it as USER'
complete -c herd -l group -x -a '(__fish_complete_groups)' \
    -d 'Run it as GROUP'
complete -c herd -l help -d 'Display a help and exit'
complete -c herd -l usage -d 'Display a short usage message and exit'
complete -c herd -l version -d 'Display version information and exit'
