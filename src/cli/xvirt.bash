# bash completion for xvirt: the program itself knows its words.
_xvirt() {
    local i words=() globals=() cur=${COMP_WORDS[COMP_CWORD]}
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -c | --connect | -e | --escape | -k | --keepalive-interval | -K | --keepalive-count | -d | -l | --format)
            ((${#words[@]})) || { globals+=("${COMP_WORDS[i]}" "${COMP_WORDS[++i]}"); continue; } ;;
        -*) ((${#words[@]})) || { globals+=("${COMP_WORDS[i]}"); continue; } ;;
        esac
        words+=("${COMP_WORDS[i]}")
    done
    if ((!${#words[@]})) && [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "-c --connect -r --readonly -q --quiet --format -t --timing -e --escape -k --keepalive-interval -K --keepalive-count -h --help -v --version" -- "$cur"))
        return
    fi
    local IFS=$'\n'
    COMPREPLY=($("${COMP_WORDS[0]}" "${globals[@]}" complete -- "${words[@]}" "$cur" 2>/dev/null </dev/null))
    COMPREPLY=($(compgen -W "${COMPREPLY[*]}" -- "$cur"))
}
complete -o bashdefault -o default -F _xvirt xvirt
