use crate::frame::{
    ELSEWHERE, Figures, MALLORY, Served, connect_from, file, noise, upload,
};

#[test]
#[ignore = "attacks"]
fn few_open_files_are_enough() {
    for files in [64, 100, 256] {
        let server = Served::with_open_files(files);
        let uploads = 55;
        let done: usize = std::thread::scope(|scope| {
            let uploads: Vec<_> = (0..uploads)
                .map(|number| {
                    let address = server.address();
                    scope.spawn(move || {
                        let content = noise(number + 1, 300_000);
                        let mut stream = connect_from(ELSEWHERE, address).unwrap();
                        upload(&mut stream, MALLORY, &file("x", &content)).unwrap().status
                    })
                })
                .collect();
            let statuses = uploads.into_iter().map(|upload| upload.join().unwrap());
            statuses.filter(|status| *status == 201).count()
        });
        let figures = Figures::of(&format!("{uploads} uploads at once with {files} open files"))
            .say(&format!("{done} done"));
        assert_eq!(done as u64, uploads, "{}", server.log());
        assert!(!server.log().contains("os error 24"), "{}", server.log());
        figures.memory(&server, 256).print();
    }
}
