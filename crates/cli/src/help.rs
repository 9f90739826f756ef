//! The parts of `--help` that follow the arguments.

macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    success
  1    failure
  2    usage: an argument or a setting can't be used
  3    credentials are missing or rejected
  4    not found
  5    CID mismatch: what is pinned isn't what was sent
  6    damage: fsck found damage that isn't repaired, an export or import is incomplete,
       or a CAR file is incomplete or damaged
  7    the output can't be written; any other work is finished
  130  interrupted
  143  terminated
If several things fail, a mismatch takes precedence, then the first failure."
    };
}

/// The table of exit codes.
pub(crate) const EXIT_CODES: &str = exit_codes!();

/// The tables of the long help.
pub(crate) const REFERENCE: &str = concat!(
    "\
Settings come from arguments, then from the environment, then from the config file.

Environment:
  W3PIN_API_KEY            as --api-key
  W3PIN_SECRET_KEY         as --secret-key
  W3PIN_TOKEN              as --token
  W3PIN_API                as --api
  W3PIN_ENDPOINT           as --endpoint
  W3PIN_INSECURE_HTTP      as --insecure-http: true or false
  W3PIN_PROFILE            as --profile of add and sync
  W3PIN_GATEWAYS           as --gateway; several are separated by commas
  W3PIN_PROXY              as --proxy; then HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY
  W3PIN_ROOT_CERTIFICATES  as --cacert; then SSL_CERT_FILE
  W3PIN_CONFIG             as --config
  W3PIN_BACKEND            as --backend of serve, fsck, export and import
  W3PIN_RETRIEVE_FROM      as --retrieve-from of serve; several are separated by commas
  W3PIN_ACCOUNTS           as --account of serve; several are separated by spaces
  NO_COLOR                 as --color never, whatever its value

Config file, in TOML (`w3pin check --save` writes the keys or the token, and the endpoint):
  api_key                  as --api-key
  secret_key               as --secret-key
  token                    as --token
  api                      as --api
  endpoint                 as --endpoint
  insecure_http            as --insecure-http: true or false
  profile                  as --profile of add and sync
  gateways                 as --gateway: a list
  proxy                    as --proxy
  root_certificates        as --cacert

Wherever a CID is expected, /ipfs/CID, ipfs://CID and the URL of a gateway work too.

",
    exit_codes!()
);
