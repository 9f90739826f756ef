#!/bin/sh
# A CGI program: pins the body of a POST while it arrives, and answers GET /CID[/PATH] with proved content.
set -eu
case $REQUEST_METHOD in
POST)
  # With a length, an upload that is cut short is an error.
  cid=$(w3pin add - --name upload --verify require --length "$CONTENT_LENGTH" | cut -f 2)
  printf 'Status: 201 Created\r\nContent-Type: text/plain\r\n\r\n%s\n' "$cid"
  ;;
GET)
  printf 'Content-Type: application/octet-stream\r\n\r\n'
  w3pin cat "${PATH_INFO#/}"
  ;;
*)
  printf 'Status: 405 Method Not Allowed\r\nAllow: GET, POST\r\n\r\n'
  ;;
esac
