// The binding to OpenSSL's functions for RSA keys and certificates, which are loaded at run time.

import Telemetry

/// The functions that make keys and certificates, sign and verify. Versions 1.1.1 and 3 of OpenSSL have all of them.
struct RSALibrary: Sendable {
    typealias Object = OpaquePointer?
    typealias Text = UnsafePointer<CChar>
    typealias Bytes = UnsafePointer<UInt8>

    let sha1: @convention(c) () -> Object
    let sha256: @convention(c) () -> Object
    let makeContext: @convention(c) () -> Object
    let freeContext: @convention(c) (Object) -> Void
    let beginSigning: @convention(c) (Object, UnsafeMutableRawPointer?, Object, Object, Object) -> Int32
    let sign: @convention(c) (Object, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>, Bytes, Int) -> Int32
    let beginVerifying: @convention(c) (Object, UnsafeMutableRawPointer?, Object, Object, Object) -> Int32
    let verify: @convention(c) (Object, Bytes, Int, Bytes, Int) -> Int32
    let makeKeyContext: @convention(c) (Int32, Object) -> Object
    let freeKeyContext: @convention(c) (Object) -> Void
    let beginKey: @convention(c) (Object) -> Int32
    let setOption: @convention(c) (Object, Text, Text) -> Int32
    let makeKey: @convention(c) (Object, UnsafeMutablePointer<Object>) -> Int32
    let freeKey: @convention(c) (Object) -> Void
    let readKey: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<Bytes?>, Int) -> Object
    let makeCertificate: @convention(c) () -> Object
    let freeCertificate: @convention(c) (Object) -> Void
    let setVersion: @convention(c) (Object, Int) -> Int32
    let serialNumber: @convention(c) (Object) -> Object
    let setInteger: @convention(c) (Object, Int) -> Int32
    let start: @convention(c) (Object) -> Object
    let end: @convention(c) (Object) -> Object
    let setTime: @convention(c) (Object, Int) -> Object
    let compareWithNow: @convention(c) (Object) -> Int32
    let subject: @convention(c) (Object) -> Object
    let addEntry: @convention(c) (Object, Text, Int32, Bytes, Int32, Int32, Int32) -> Int32
    let setIssuer: @convention(c) (Object, Object) -> Int32
    let setKey: @convention(c) (Object, Object) -> Int32
    let signCertificate: @convention(c) (Object, Object, Object) -> Int32
    let keyOfCertificate: @convention(c) (Object) -> Object
    let memoryMethod: @convention(c) () -> Object
    let makeStream: @convention(c) (Object) -> Object
    let streamOfBytes: @convention(c) (UnsafeRawPointer, Int32) -> Object
    let readStream: @convention(c) (Object, UnsafeMutableRawPointer, Int32) -> Int32
    let freeStream: @convention(c) (Object) -> Int32
    let writeCertificate: @convention(c) (Object, Object) -> Int32
    let readCertificate: @convention(c) (Object, Object, Object, Object) -> Object
    let clearErrors: @convention(c) () -> Void

    init() throws(StartFailure) {
        do throws(DynamicLibrary.Failure) {
            let library = try DynamicLibrary(anyOf: ["libcrypto.so.3", "libcrypto.so.1.1"])
            sha1 = try library.function("EVP_sha1")
            sha256 = try library.function("EVP_sha256")
            makeContext = try library.function("EVP_MD_CTX_new")
            freeContext = try library.function("EVP_MD_CTX_free")
            beginSigning = try library.function("EVP_DigestSignInit")
            sign = try library.function("EVP_DigestSign")
            beginVerifying = try library.function("EVP_DigestVerifyInit")
            verify = try library.function("EVP_DigestVerify")
            makeKeyContext = try library.function("EVP_PKEY_CTX_new_id")
            freeKeyContext = try library.function("EVP_PKEY_CTX_free")
            beginKey = try library.function("EVP_PKEY_keygen_init")
            setOption = try library.function("EVP_PKEY_CTX_ctrl_str")
            makeKey = try library.function("EVP_PKEY_keygen")
            freeKey = try library.function("EVP_PKEY_free")
            readKey = try library.function("d2i_PUBKEY")
            makeCertificate = try library.function("X509_new")
            freeCertificate = try library.function("X509_free")
            setVersion = try library.function("X509_set_version")
            serialNumber = try library.function("X509_get_serialNumber")
            setInteger = try library.function("ASN1_INTEGER_set")
            start = try library.function("X509_getm_notBefore")
            end = try library.function("X509_getm_notAfter")
            setTime = try library.function("X509_gmtime_adj")
            compareWithNow = try library.function("X509_cmp_current_time")
            subject = try library.function("X509_get_subject_name")
            addEntry = try library.function("X509_NAME_add_entry_by_txt")
            setIssuer = try library.function("X509_set_issuer_name")
            setKey = try library.function("X509_set_pubkey")
            signCertificate = try library.function("X509_sign")
            keyOfCertificate = try library.function("X509_get_pubkey")
            memoryMethod = try library.function("BIO_s_mem")
            makeStream = try library.function("BIO_new")
            streamOfBytes = try library.function("BIO_new_mem_buf")
            readStream = try library.function("BIO_read")
            freeStream = try library.function("BIO_free")
            writeCertificate = try library.function("PEM_write_bio_X509")
            readCertificate = try library.function("PEM_read_bio_X509")
            clearErrors = try library.function("ERR_clear_error")
        } catch {
            throw StartFailure(.unavailable, "OpenSSL cannot be loaded (\(error)); on Debian the package libssl3 has it.")
        }
    }

    func digest(_ digest: RSADigest) -> Object { digest == .sha1 ? sha1() : sha256() }
}

/// The hash that is signed.
package enum RSADigest: Sendable {
    case sha1, sha256
}
