//! What every face of w3pin must do: the surface, the scenarios and the server that plays them.
