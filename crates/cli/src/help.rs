//! What `--help` says beside the arguments.

macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    success
  1    failure
  2    usage: an argument or a setting can't be used
  3    credentials are missing or not accepted
  4    not found
  5    CID mismatch: what is pinned isn't what was sent
  6    damage: fsck found some that it hasn't mended, or an export left something out
  7    the output can't be written; work that was asked for is finished all the same
  130  interrupted
  143  terminated
Where several things fail, a mismatch counts first, and then whatever failed first."
    };
}

/// The table of exit codes.
pub(crate) const EXIT_CODES: &str = exit_codes!();

/// The tables of the long help.
pub(crate) const REFERENCE: &str = concat!(
    "\
Settings come from arguments, then from the environment, then from the config file.

Environment:
  W3PIN_API_KEY            the account's API key
  W3PIN_SECRET_KEY         the account's secret key
  W3PIN_ENDPOINT           as --endpoint
  W3PIN_INSECURE_HTTP      as --insecure-http: true or false
  W3PIN_PROFILE            the layout in which the service imports files
  W3PIN_GATEWAYS           gateways to read content back from, separated by commas
  W3PIN_PROXY              as --proxy; then HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY
  W3PIN_ROOT_CERTIFICATES  as --cacert; then SSL_CERT_FILE
  W3PIN_CONFIG             as --config
  W3PIN_BACKEND            as --backend
  NO_COLOR                 as --color never, whatever its value

Config file, in TOML (`w3pin check --save` writes the keys and the endpoint):
  api_key                  the account's API key
  secret_key               the account's secret key
  endpoint                 as --endpoint
  insecure_http            as --insecure-http: true or false
  profile                  the layout in which the service imports files
  gateways                 gateways to read content back from: a list
  proxy                    as --proxy
  root_certificates        as --cacert

Wherever a CID is taken, /ipfs/CID, ipfs://CID and the URL of a gateway are taken too.

",
    exit_codes!()
);
