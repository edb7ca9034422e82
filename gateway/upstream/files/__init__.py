"""The files engine: folders into which an office drops files, on this machine or on an SFTP server."""
