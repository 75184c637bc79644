export { type Channel, PIECE, type RemoteFile } from './channel.ts'
export { folderChannel } from './folder.ts'
export { fingerprint, sftpChannel, type SftpSettings } from './sftp.ts'
