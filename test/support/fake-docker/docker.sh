#!/bin/sh
# Answers as Docker's command does, as far as the start of the servers asks it. It shows what is asked of Docker, not what
# Docker does. Called by the script that installFakeDocker writes, with the folder of its behaviour and Node first.
folder=$1
node=$2
shift 2

# The word that says what is wanted: the first that is neither an option nor an option's value.
word=$1
if [ "$1" = compose ]; then
  previous=
  for each in "$@"; do
    case "$previous$each" in
      compose | --*) ;;
      *) word=$each; break ;;
    esac
    case "$each" in --*) previous=-- ;; *) previous= ;; esac
  done
  [ "$word" != version ] || word=compose-version
fi

printf '%s\t%s\t%s\n' "$word" "$*" "$KAFKA_PORT $MYSQL_PORT $DYNAMODB_PORT $MYSQL_PASSWORD" >>"$folder/calls"
if [ -f "$folder/fail-$word" ]; then
  cat "$folder/fail-$word" >&2
  exit 1
fi
[ ! -f "$folder/print-$word" ] || cat "$folder/print-$word"
case "$word" in
  version) cat "$folder/engine" ;;
  compose-version) cat "$folder/compose" ;;
  up) exec "$node" "${0%/*}/containers.js" "$folder" ;;
esac
