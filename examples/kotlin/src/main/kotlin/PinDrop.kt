package w3pin.example

import kotlin.io.path.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.nameWithoutExtension
import w3pin.Client
import w3pin.Content
import w3pin.PinOptions
import w3pin.Verify
import w3pin.previewUpload

/** Pins the images of an NFT drop and then their metadata, with two requests in total: `PinDrop IMAGES` */
suspend fun main(arguments: Array<String>) {
    val images = Path(arguments[0])

    // The CID is known before anything is sent, so the metadata can name the images.
    val cid = previewUpload(Content.of(images)).cid
    val metadata = images.listDirectoryEntries().associate { image ->
        val token = image.nameWithoutExtension
        "$token.json" to """{"name": "Token #$token", "image": "ipfs://$cid/${image.name}"}""".toByteArray()
    }

    val pin = Client().use { client ->
        client.pinFolder(images, PinOptions(name = "images", verify = Verify.REQUIRE))
        client.pinFolder(metadata, PinOptions(name = "metadata", verify = Verify.REQUIRE))
    }

    println("${pin.ipfsUrl}/")
}
