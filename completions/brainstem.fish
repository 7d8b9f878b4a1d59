# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_brainstem_global_optspecs
    string join \n h/help V/version
end

function __fish_brainstem_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_brainstem_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_brainstem_using_subcommand
    set -l cmd (__fish_brainstem_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c brainstem -n "__fish_brainstem_needs_command" -s h -l help -d 'Print help'
complete -c brainstem -n "__fish_brainstem_needs_command" -s V -l version -d 'Print version'
complete -c brainstem -n "__fish_brainstem_needs_command" -f -a "scan" -d 'Say which patterns of a log deserve attention, and why'
complete -c brainstem -n "__fish_brainstem_needs_command" -f -a "digest" -d 'Say what earned attention over the remembered nights'
complete -c brainstem -n "__fish_brainstem_needs_command" -f -a "recall" -d 'Say whether a pattern, a line or an incident was seen before'
complete -c brainstem -n "__fish_brainstem_needs_command" -f -a "ack" -d 'Acknowledge, mute or annotate patterns, and name incidents'
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l baseline -d 'Compare with a build that went well; repeatable' -r -F
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l format -d 'How to print: text, json, github, junit, sarif or markdown [default: text]' -r -f -a "text\t''
json\t''
github\t''
junit\t''
sarif\t''
markdown\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l summary -d 'Append a summary in Markdown to FILE' -r -F
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l emit -d 'Print items, events or signatures' -r -f -a "items\t''
events\t''
signatures\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l top -d 'Print at most N items, 0 for all [default: 10 as text]' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l min-band -d 'Print this band and above [default: watch as text]' -r -f -a "ignore_fast\t''
background\t''
watch\t''
investigate\t''
promote\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l label -d 'Print only items of this label, such as NETWORK_ANOMALY' -r -f -a "NORMAL\t''
SECURITY_ANOMALY\t''
SYSTEM_FAILURE\t''
PERFORMANCE_ISSUE\t''
NETWORK_ANOMALY\t''
CONFIG_ERROR\t''
HARDWARE_ISSUE\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l color -d 'Colour the text: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l context -d 'Show N lines around an item\'s first example' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l around -d 'Show the lines within SPAN of it, a hundred on each side at most' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l snapshot -d 'Remember nights in this file' -r -F
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l wait -d 'Wait this long for another run that holds the snapshot' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l keep -d 'Forget nights that are more than SPAN before the latest' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l fail-on -d 'Exit with status 1 if an item is of this band or above' -r -f -a "ignore_fast\t''
background\t''
watch\t''
investigate\t''
promote\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l threshold -d 'Events that make a recurrence' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l max-patterns -d 'Most patterns to tell apart' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l input -d 'Take every line to be of this format' -r -f -a "rfc5424\t''
rfc3164\t''
json\t''
journal-json\t''
envelope\t''
logicmonitor\t''
ndjson\t''
journal-export\t''
journal-verbose\t''
github-actions\t''
ci-sections\t''
container\t''
syslog-iso\t''
journal-short\t''
glog\t''
audit\t''
access\t''
logfmt\t''
generic\t''
plain\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l tenant -d 'Say whose log it is; others\' events are left out' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l since -d 'Only what is at or after TIME: 7d, yesterday, 06:00' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l until -d 'Only what is before TIME' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l tz -d 'Zone of stamps and times that name none' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l now -d 'Take this instant for the present' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l year -d 'Year of stamps that name none [default: the nearest]' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l stats -d 'Tell counts, timings and throughput on standard error'
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -l new-only -d 'Print only what is new, returned or escalating'
complete -c brainstem -n "__fish_brainstem_using_subcommand scan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l kind -d 'Tell only this; may be repeated' -r -f -a "recurrence\t''
self_heal\t''
burst\t''
spread\t''
escalation\t''
precursor\t''
silence\t''
novelty\t''
ticket_likely\t''
unalerted\t''
gone\t''
returned\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l top -d 'Print at most N patterns, 0 for all [default: 10 as text]' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l since -d 'Only what is at or after TIME: 7d, yesterday, 06:00' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l until -d 'Only what is before TIME' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l format -d 'How to print: text or json' -r -f -a "text\t''
json\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l tz -d 'Zone of stamps and times that name none' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l now -d 'Take this instant for the present' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l snapshot -d 'Remember nights in this file' -r -F
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l wait -d 'Wait this long for another run that holds the snapshot' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -l unalerted -d 'Tell only what never alerted; short for --kind unalerted'
complete -c brainstem -n "__fish_brainstem_using_subcommand digest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c brainstem -n "__fish_brainstem_using_subcommand recall" -l incident -d 'Tell what came before the incidents of this name' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand recall" -l before -d 'How long before' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand recall" -l format -d 'How to print: text or json' -r -f -a "text\t''
json\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand recall" -l tz -d 'Zone of stamps and times that name none' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand recall" -l now -d 'Take this instant for the present' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand recall" -l snapshot -d 'Remember nights in this file' -r -F
complete -c brainstem -n "__fish_brainstem_using_subcommand recall" -l wait -d 'Wait this long for another run that holds the snapshot' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand recall" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l until -d 'End the mute after SPAN' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l note -d 'Anything worth saying; may be repeated, as all of these' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l lesson -d 'What was learnt; shown whenever the pattern or incident comes back' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l runbook -d 'Where the remedy is written; shown whenever the pattern or incident comes back' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l ticket -d 'The ticket that it became' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l label -d 'A label' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l incident -d 'Name an incident; remarks are then about it' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l at -d 'When the incident happened' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l format -d 'How to print: text or json' -r -f -a "text\t''
json\t''"
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l tz -d 'Zone of stamps and times that name none' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l now -d 'Take this instant for the present' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l snapshot -d 'Remember nights in this file' -r -F
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l wait -d 'Wait this long for another run that holds the snapshot' -r
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l mute -d 'Show them no more, and count their events as muted'
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l undo -d 'Take back what the other words say, or all that was said of the ids and the incident'
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -l list -d 'Show all that was said'
complete -c brainstem -n "__fish_brainstem_using_subcommand ack" -s h -l help -d 'Print help (see more with \'--help\')'
